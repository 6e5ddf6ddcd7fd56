"""Signing in through an institution's own OpenID Connect provider (extra `oidc`).

`config` reads who is trusted and what their claims mean, `issuer` talks to them and believes nothing that is
not signed, `accounts` makes an account of (issuer, subject). The pages are in `gangmu.web.pages.elsewhere`.
"""
