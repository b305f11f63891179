"""What Prometheus is told, and the lines of the log."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from tests.serving.conftest import CLEAN, DOUBTFUL, FRAMED, TRUNCATED, Client, LogLines, asking, service_of


def samples(ask: Client) -> dict[str, float]:
    """Every sample by its name and labels."""
    text = ask("GET", "/metrics").text
    found = (each for family in text_string_to_metric_families(text) for each in family.samples)
    return {" ".join([each.name, *map(str, each.labels.values())]): each.value for each in found}


def test_requests_pictures_scores_and_errors_are_counted(ask: Client) -> None:
    ask.post("/v1/detect", FRAMED)
    ask.form("/v1/detect", ("a", CLEAN), ("b", TRUNCATED), ("c", DOUBTFUL))
    ask.post("/v1/remove", FRAMED)
    ask.post("/v1/detect", TRUNCATED)
    ask("GET", "/v1/detect")
    ask("BREW", "/v1/detect")
    ask("GET", "/secret/of/mine")
    found = samples(ask)
    assert found["unframe_requests_total POST /v1/detect 200"] == 2
    assert found["unframe_requests_total POST /v1/detect 422"] == 1
    assert found["unframe_requests_total other /v1/detect 405"] == 1  # no labels of anybody's choice
    assert found["unframe_requests_total GET other 404"] == 1
    assert found["unframe_pictures_total detect framed"] == 1
    assert found["unframe_pictures_total detect clean"] == 1
    assert found["unframe_pictures_total detect review"] == 1
    assert found["unframe_pictures_total detect error"] == 1
    assert found["unframe_pictures_total remove framed"] == 1
    assert found["unframe_errors_total truncated"] == 2
    assert found["unframe_errors_total bad-request"] == 1
    assert found["unframe_score_count"] == 4
    assert found["unframe_score_bucket 0.01"] == 1
    assert found["unframe_picture_seconds_count"] == 6
    assert found["unframe_request_seconds_count /v1/remove"] == 1
    assert found["unframe_ready"] == 1
    assert found["unframe_queue_waiting"] == found["unframe_queue_working"] == found["unframe_held_bytes"] == 0
    assert any(name.startswith("unframe_info fake-1") for name in found)


def test_the_queue_is_seen_while_it_is_full() -> None:
    with asking(service_of(queue=4, max_pictures=4)) as ask, ask.service.pool.claim(5):
        found = samples(ask)
        assert (found["unframe_queue_working"], found["unframe_queue_waiting"]) == (2, 3)


def test_a_line_for_each_request_but_those_of_probes(ask: Client, log_lines: LogLines) -> None:
    ask.post("/v1/detect?name=a.jpg", CLEAN, headers={"X-Request-Id": "my-request-1"})
    ask.post("/v1/detect", TRUNCATED)
    ask("GET", "/v1/detect", params={"url": "http://shop.example/a.jpg?signature=secret"})
    ask("GET", "/health/live")
    ask("GET", "/metrics")
    first, second, third = [line for line in log_lines() if line["message"] == "request"]
    assert (first["id"], first["status"], first["pictures"], first["bytes"]) == ("my-request-1", 200, 1, len(CLEAN))
    assert (second["status"], second["code"], second["path"]) == (422, "truncated", "/v1/detect")
    assert third["code"] == "fetch-off"
    assert "secret" not in str(log_lines())
    assert all(line["milliseconds"] >= 0 and line["time"].endswith("Z") for line in (first, second, third))


def test_an_identifier_that_could_forge_lines_is_not_taken(ask: Client) -> None:
    for given in ("short", "a" * 65, "with blank here", 'quote"quote"'):
        answer = ask("GET", "/health/live", headers={"X-Request-Id": given})
        assert answer.headers["x-request-id"] != given
