# One image for web, worker, mailer and beat; docker-compose.yml gives each its command.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

RUN useradd --uid 10001 --create-home --home-dir /home/headwater headwater \
    && install -d -o headwater -g headwater /data

COPY requirements.txt constraints.txt ./
RUN pip install -r requirements.txt

COPY --chown=root:root . .

USER headwater
ENV DATA_DIR=/data BIND=0.0.0.0:8000
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 CMD ["python", "manage.py", "alive", "web"]
CMD ["sh", "-c", "python manage.py migrate --noinput && python manage.py collectstatic --noinput && exec gunicorn"]
