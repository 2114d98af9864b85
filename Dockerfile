FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
RUN apt-get update \
 && apt-get install -y --no-install-recommends make fonts-noto-cjk fonts-noto-core \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 advisor \
 && install -d -o advisor /var/lib/advisor

WORKDIR /app
COPY Makefile requirements.lock requirements-databases.lock requirements-model.lock ./
RUN make databases
COPY . .
RUN mkdir -p data/uploads data/catalog_snapshots && chown -R advisor data \
 && ln -s /var/lib/advisor/redaction.key data/redaction.key

USER advisor
# Outside /app, so that a volume never hides the catalog files of a newer image.
ENV ADVISOR_DATABASE_URL=sqlite:////var/lib/advisor/advisor.db
VOLUME /var/lib/advisor
EXPOSE 8501
HEALTHCHECK --start-period=30s \
  CMD [".venv/bin/python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=5)"]
# All interfaces of the container: it starts only with sign-in set up, or with ADVISOR_NO_SIGN_IN=yes where the port is
# published to this machine alone (-p 127.0.0.1:8501:8501).
CMD [".venv/bin/streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.headless=true"]
