# unframe with its server and its trained network. Needs neither the network nor a disk to write on when it runs.
#
#   docker build -t unframe .
#   docker run --rm -v "$PWD:/pictures:ro" unframe detect .
#   docker run --rm -p 127.0.0.1:8000:8000 unframe serve
#
# Any image with Python 3.11 or later and its venv module may be the base.
ARG BASE=docker.io/library/python:3.13-slim-bookworm

FROM ${BASE} AS build
WORKDIR /source
# The tools that install stay behind in this stage: the environment has neither pip nor compilers.
RUN python3 -m venv /tools && python3 -m venv --without-pip /opt/unframe
COPY pyproject.toml README.md LICENSE ./
COPY src src
# A package index or certificate of one's own comes as a secret, which leaves no trace: --secret id=pip.conf,src=pip.conf
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    /tools/bin/pip --python /opt/unframe/bin/python install --no-cache-dir --disable-pip-version-check '.[serve]' \
 && find /opt/unframe -type d -name tests -path '*/numpy/*' -prune -exec rm -r {} +

FROM ${BASE}
LABEL org.opencontainers.image.title="unframe" \
      org.opencontainers.image.description="Detects, locates and removes frames around product photographs" \
      org.opencontainers.image.source="https://github.com/unframe/unframe" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/unframe /opt/unframe
ENV PATH=/opt/unframe/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    UNFRAME_SERVE_HOST=0.0.0.0
# A number, so that a cluster can see without the image's user table that this is not root.
USER 10001:10001
WORKDIR /pictures
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python3", "-c", "import os, urllib.request as web; web.urlopen(f\"http://127.0.0.1:{os.environ.get('UNFRAME_SERVE_PORT', 8000)}/health/ready\", timeout=4)"]
ENTRYPOINT ["unframe"]
CMD ["serve"]
