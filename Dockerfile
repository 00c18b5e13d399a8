# The server with its own runtime. The server is not compiled; the browser's pages are built once, with the development packages, which stay behind.
# Build: docker build -t noren .
FROM node:26-bookworm-slim AS pages
WORKDIR /noren
COPY package.json package-lock.json .npmrc ./
# The image brings Node, but Vite's own platform build is an optional package too.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts scripts
COPY src/web src/web
RUN node scripts/build-web.ts

FROM node:26-bookworm-slim AS packages
WORKDIR /noren
COPY package.json package-lock.json .npmrc ./
# The image brings Node: the packaged runtimes (optional) stay out.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:26-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 DATA=/data
WORKDIR /noren
COPY --from=packages /noren/node_modules node_modules
COPY package.json LICENSE* ./
COPY bin bin
COPY src src
COPY profiles profiles
COPY docs docs
COPY --from=pages /noren/build build
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health/ready').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "bin/noren.cjs", "serve"]
