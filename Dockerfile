# syntax=docker/dockerfile:1
FROM python:3.14-slim-trixie AS build
WORKDIR /deploylint
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY rules rules
RUN pip install --no-cache-dir --prefix=/install .

FROM python:3.14-slim-trixie
LABEL org.opencontainers.image.source="https://github.com/deploylint/deploylint" \
      org.opencontainers.image.description="Reads deployment files together and finds the outages written down in them." \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /install /usr/local
USER 65534:65534
WORKDIR /src
ENTRYPOINT ["deploylint"]
