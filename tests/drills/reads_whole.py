"""The portal as it must not be: every request's body is read into memory before it is looked at."""

from io import BytesIO

from config.wsgi import application as portal


def application(environ, start_response):
    environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read())
    return portal(environ, start_response)
