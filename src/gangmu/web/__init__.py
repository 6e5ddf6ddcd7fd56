"""The website and the HTTP API: parse a request, call one function, render. Nothing is decided here."""
