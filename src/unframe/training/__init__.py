"""Training: data as arrays, one readable loop, comparison of runs, cross-validation, export to ONNX."""
