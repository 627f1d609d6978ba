# The base brings no more than glibc and CA certificates; Node itself comes from its npm package, pinned in package.json.
ARG BUILD_IMAGE=docker.io/library/node:26-bookworm-slim
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-fund --no-audit
COPY tsconfig.json rolldown.config.ts ./
COPY src ./src
RUN npm run build && cp -L node_modules/.bin/node /node

FROM ${BASE_IMAGE}
COPY --from=build /node /usr/local/bin/node
COPY --from=build /src/dist /app
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/node", "/app/main.js"]
CMD ["--help"]
