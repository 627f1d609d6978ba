# The base brings no more than glibc, libstdc++ and CA certificates; Node itself comes from its npm package, pinned in
# package.json. Both images can be chosen, for registries of one's own.
ARG BUILD_IMAGE=docker.io/library/node:26-bookworm-slim
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-fund --no-audit
COPY tsconfig.json rolldown.config.ts rolldown.page.config.ts ./
COPY src ./src
RUN npm run build
# Node is linked to libatomic, which the base does not have.
RUN mkdir -p /image/usr/local/bin /image/usr/lib /image/app \
  && cp -L node_modules/.bin/node /image/usr/local/bin/node \
  && LD_TRACE_LOADED_OBJECTS=1 /image/usr/local/bin/node \
    | sed -n 's/.*libatomic.* => \([^ ]*\) .*/\1/p' | xargs -r -I{} cp -L {} /image/usr/lib/ \
  && cp -R package.json dist /image/app/

FROM ${BASE_IMAGE}
COPY --from=build /image /
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/node", "/app/dist/main.js"]
CMD ["--help"]
