# The server alone; docker-compose.yml puts a PostgreSQL beside it. Without DATABASE_URL it uses its own, in /data.
FROM python:3.13-slim AS build
RUN pip install --no-cache-dir uv
WORKDIR /app
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
# First what changes seldom: the packages stay in a layer of their own.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --no-install-project
COPY server ./server
RUN uv sync --frozen --no-dev --no-editable

FROM python:3.13-slim
RUN useradd --system --create-home --uid 10001 kolaborasi && install -d -o kolaborasi -g kolaborasi -m 0700 /data
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH KOLABORASI_DATA_DIR=/data KOLABORASI_HOST=0.0.0.0 KOLABORASI_PORT=8000 PYTHONUNBUFFERED=1
USER kolaborasi
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["kolaborasi"]
CMD ["serve"]
