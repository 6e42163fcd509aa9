# docker build -t bedrock-fixtures . && docker run --rm -v "$PWD:/work" bedrock-fixtures verify
FROM rust:1-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --locked --release

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates git && rm -rf /var/lib/apt/lists/* \
  && useradd --create-home user
COPY --from=build /src/target/release/bedrock-fixtures /usr/local/bin/
USER user
WORKDIR /work
ENTRYPOINT ["bedrock-fixtures"]
