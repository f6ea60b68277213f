"""How providers begin their keys and tokens, and how long these are. Facts of their public documents.

A row is one provider's: `prefix` and `body` are expressions; `body` says what follows, and how much.
"""

from __future__ import annotations

from typing import Final

_WORD: Final = "[A-Za-z0-9_-]"
_PLAIN: Final = "[A-Za-z0-9]"
_HEX: Final = "[0-9a-f]"

# Prefix, what follows.
PREFIXES: Final = (
    (r"sk-(?:ant-(?:api|admin|oat|sid)\d\d-)", rf"{_WORD}{{20,}}"),  # Anthropic
    (r"sk-(?:proj-|svcacct-|admin-|None-|or-v1-|lf-)?", rf"{_WORD}{{20,}}"),  # OpenAI, OpenRouter, Langfuse
    (r"gsk_|xai-|pplx-|nvapi-|tvly-|csk-|fw_|hf_|api_org_|r8_|jina_|pcsk_|e2b_", rf"{_WORD}{{20,}}"),
    (r"lsv2_(?:pt|sk)_", rf"{_WORD}{{30,}}"),  # LangSmith
    (r"AIza", rf"{_WORD}{{35}}"),  # Google
    (r"ya29\.", rf"{_WORD}{{20,}}"),
    (r"1//0", rf"{_WORD}{{30,}}"),
    (r"GOCSPX-", rf"{_WORD}{{20,}}"),
    (r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])", r"[A-Z0-9]{16}"),  # Amazon
    (r"ABSK", r"[A-Za-z0-9+/]{40,}={0,2}"),
    (r"amzn\.mws\.", r"[0-9a-f-]{30,}"),
    (r"LTAI", rf"{_PLAIN}{{12,24}}"),  # Alibaba
    (r"AKID", rf"{_PLAIN}{{32,}}"),  # Tencent
    (r"gh[pousr]_", rf"{_PLAIN}{{30,}}"),  # GitHub
    (r"github_pat_", r"[A-Za-z0-9_]{22,}"),
    (r"gl(?:pat|ptt|dt|rt|cbt|ft|imt|agent|oas|soat|ffct|ws)-", r"[A-Za-z0-9_.-]{20,}"),  # GitLab
    (r"GR1348941", rf"{_WORD}{{20}}"),
    (r"ATATT3xFf|ATCTT3xFf|ATBB|BBDC-", r"[A-Za-z0-9_=+/-]{20,}"),  # Atlassian
    (r"xox[abeoprs]-|xapp-|xoxe\.", r"[A-Za-z0-9.-]{10,}"),  # Slack
    (r"SG\.", r"[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),  # SendGrid
    (r"key-", rf"{_HEX}{{32}}"),  # Mailgun
    (r"xkeysib-|xsmtpsib-", rf"{_HEX}{{64}}{_WORD}*"),  # Brevo
    (r"re_", rf"{_PLAIN}{{8}}_{_PLAIN}{{20,}}"),  # Resend
    (r"(?:sk|rk)_(?:live|test|prod)_", rf"{_PLAIN}{{10,}}"),  # Stripe
    (r"whsec_", r"[A-Za-z0-9+/=]{24,}"),
    (r"sq0(?:atp|csp|idp)-", rf"{_WORD}{{20,}}"),  # Square
    (r"EAAA", r"[A-Za-z0-9+/=_-]{56,}"),
    (r"EAA[CM]", rf"{_PLAIN}{{60,}}"),  # Meta
    (r"access_token\$(?:production|sandbox)\$", r"[0-9a-z]{16}\$[0-9a-f]{32}"),  # Braintree
    (r"rzp_(?:live|test)_", rf"{_PLAIN}{{14,}}"),  # Razorpay
    (r"FLW(?:SECK|PUBK)_?(?:TEST)?-", r"[A-Za-z0-9-]{12,}"),  # Flutterwave
    (r"shp(?:at|ca|pa|ss|ua)_", r"[A-Fa-f0-9]{32}"),  # Shopify
    (r"(?:SK|AC)(?=[0-9a-f]{32}(?![0-9a-zA-Z]))", rf"{_HEX}{{32}}"),  # Twilio
    (r"npm_", rf"{_PLAIN}{{30,}}"),
    (r"pypi-", rf"{_WORD}{{50,}}"),
    (r"rubygems_", rf"{_HEX}{{48}}"),
    (r"CLOJARS_", r"[A-Za-z0-9]{60}"),
    (r"oy2", r"[a-z0-9]{43}"),  # NuGet
    (r"cio", rf"{_PLAIN}{{32}}(?![A-Za-z0-9])"),  # crates.io
    (r"dckr_(?:pat|oat)_", rf"{_WORD}{{20,}}"),  # Docker
    (r"do[opr]_v1_", rf"{_HEX}{{64}}"),  # DigitalOcean
    (r"HRKU-", rf"{_WORD}{{30,}}"),  # Heroku
    (r"hv[sbr]\.|[sbr]\.(?=[A-Za-z0-9]{24}(?![A-Za-z0-9]))", rf"{_WORD}{{24,}}"),  # HashiCorp Vault
    (r"atlasv1\.", rf"{_WORD}{{60,}}"),  # Terraform Cloud
    (r"dapi", rf"{_HEX}{{32}}(?:-\d)?"),  # Databricks
    (r"dp\.(?:pt|st|ct|sa|scim|audit)\.", r"[A-Za-z0-9._-]{40,}"),  # Doppler
    (r"pul-", rf"{_HEX}{{40}}"),  # Pulumi
    (r"pscale_(?:tkn|pw|oauth)_", r"[A-Za-z0-9=_.-]{32,}"),  # PlanetScale
    (r"sbp_|sb_secret_|sb_publishable_", rf"{_WORD}{{20,}}"),  # Supabase
    (r"tskey-[a-z]+-", rf"{_WORD}{{16,}}"),  # Tailscale
    (r"v1\.0-", r"[0-9a-f]{24}-[0-9a-f]{100,}"),  # Cloudflare
    (r"fo1_|fm[12]r?_|fm1a_", r"[A-Za-z0-9+/=_-]{40,}"),  # Fly
    (r"vc[pkria]_", rf"{_PLAIN}{{24,}}"),  # Vercel
    (r"nf[pcob]_", rf"{_PLAIN}{{36,}}"),  # Netlify
    (r"NR(?:AK|JS|II|BR)-", r"[A-Za-z0-9_-]{20,}"),  # New Relic
    (r"gl(?:c|sa)_", r"[A-Za-z0-9+/=_]{32,}"),  # Grafana
    (r"sntry[us]_", r"[A-Za-z0-9+/=_]{40,}"),  # Sentry
    (r"dt0[a-z]01\.", r"[A-Z0-9]{24}\.[A-Z0-9]{64}"),  # Dynatrace
    (r"ph[cxs]_", rf"{_PLAIN}{{30,}}"),  # PostHog
    (r"lin_(?:api|oauth)_", rf"{_PLAIN}{{32,}}"),  # Linear
    (r"PMAK-", r"[0-9a-f]{24}-[0-9a-f]{34}"),  # Postman
    (r"figd_|figu[hr]?_", rf"{_WORD}{{30,}}"),  # Figma
    (r"ntn_|secret_", rf"{_PLAIN}{{40,}}"),  # Notion
    (r"pat(?=[A-Za-z0-9]{14}\.)", rf"{_PLAIN}{{14}}\.{_HEX}{{64}}"),  # Airtable
    (r"pat-(?:na|eu|ap)\d-", r"[0-9a-f-]{36}"),  # HubSpot
    (r"CFPAT-", rf"{_WORD}{{40,}}"),  # Contentful
    (r"CCIPAT_", rf"{_WORD}{{40,}}"),  # CircleCI
    (r"sgp_", r"[A-Za-z0-9_-]{40,}"),  # Sourcegraph
    (r"dG9rO", r"[A-Za-z0-9+/=]{50,}"),  # Asana, Okta alike
    (r"ops_eyJ", r"[A-Za-z0-9+/=_-]{100,}"),  # 1Password
    (r"A3-", r"[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}"),
    (r"AGE-SECRET-KEY-1", r"[A-Z0-9]{58}"),
    (r"AKCp", rf"{_PLAIN}{{10,}}"),  # Artifactory
    (r"cmVmd", rf"{_PLAIN}{{50,}}"),
    (r"duffel_(?:test|live)_", rf"{_WORD}{{40,}}"),
    (r"EZ[AT]K", rf"{_PLAIN}{{54}}"),  # EasyPost
    (r"fio-u-", rf"{_WORD}{{60,}}"),  # Frame.io
    (r"ico-", rf"{_PLAIN}{{32}}"),  # Intra42, Infracost
    (r"shippo_(?:live|test)_", rf"{_HEX}{{40}}"),
    (r"rdme_", r"[a-z0-9]{60,}"),  # ReadMe
    (r"pnu_", rf"{_PLAIN}{{36}}"),  # Prefect
    (r"tk-us-", rf"{_WORD}{{40,}}"),
    (r"waka_", r"[0-9a-f-]{36}"),
    (r"t1\.[A-Z0-9a-z_-]+={0,2}\.", rf"{_WORD}{{80,}}"),  # Yandex
    (r"AQVN|YCAJ|YCP|y0_", rf"{_WORD}{{30,}}"),
    (
        r"[MNO](?=[A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.)",
        r"[A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}",
    ),  # Discord
    (r"\d{8,10}:AA", rf"{_WORD}{{32,33}}"),  # Telegram
    (r"eyJ", r"[A-Za-z0-9_-]{10,}\.(?:eyJ)?[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,3}"),  # JSON Web Token
    (r"eyJrIjoi", r"[A-Za-z0-9+/]{60,}={0,2}"),  # Grafana, older
    (r"pk\.eyJ|sk\.eyJ", r"[A-Za-z0-9_.-]{60,}"),  # Mapbox
    (r"p8e-|snyk_|sk_(?=[0-9a-f]{48})", r"[a-z0-9_-]{32,}"),
    (r"EBP?[A-Z]{2,4}-|JFRG_", rf"{_PLAIN}{{40,}}"),
    (r"tgp_v1_|cfat_", rf"{_WORD}{{32,}}"),  # Together, Cloudflare
    (r"sl\.(?:u\.)?", rf"{_WORD}{{100,}}"),  # Dropbox
    (r"IGQVJ", rf"{_WORD}{{80,}}"),  # Instagram
    (r"S[ACNOU]A", r"[A-Z2-7]{55}(?![A-Za-z0-9])"),  # NATS
    (r"[A-Za-z0-9_~.-]{3}8Q~", r"[A-Za-z0-9_~.-]{34}"),  # Microsoft Entra
    (r"[0-9a-f]{32}-us", r"[0-9]{1,2}(?![0-9a-z])"),  # Mailchimp
    (r"AAAAAAAAAAAAAAAAAAAAA", r"[A-Za-z0-9%]{30,}"),  # X
    (r"hooks\.slack\.com/(?:services|workflows|triggers)/", r"[A-Za-z0-9/_+-]{30,}"),
    (r"discord(?:app)?\.com/api/webhooks/", r"\d{17,20}/[A-Za-z0-9_-]{60,}"),
    (r"webhook\.office\.com/webhookb2/", r"[A-Za-z0-9@/-]{60,}"),
)
