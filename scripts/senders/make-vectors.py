#!/usr/bin/env python3
"""Writes test/vectors/senders.json: a genuine delivery of each sender, computed with Python's hmac and hashlib and with the openssl command,
and not with this library. Run it from the project's root: python3 scripts/senders/make-vectors.py"""

import base64
import hashlib
import hmac
import json
import subprocess
import tempfile
from pathlib import Path

NOW = 1710000000
ISO = "2024-03-09T16:00:00Z"
MS = str(NOW * 1000)
SECRET = "topsecret"
URL = "https://api.example.com/hooks?b=2&a=1"
BODY = '{"id":"evt_1","event_id":"e-1","update_id":7,"notificationId":"n-1","event":{"id":"p-1"},"name":"caf\u00e9"}'


def mac(hash_name, key, text):
    key = key if isinstance(key, bytes) else key.encode()
    return hmac.new(key, text.encode(), getattr(hashlib, hash_name)).digest()


def b64(data):
    return base64.b64encode(data).decode()


def openssl(*arguments, stdin=b""):
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True).stdout


def public_key_signature(kind, text):
    with tempfile.TemporaryDirectory() as folder:
        key, data, out = (str(Path(folder) / name) for name in ("key.pem", "data", "out"))
        if kind == "ed25519":
            Path(key).write_bytes(openssl("genpkey", "-algorithm", "ed25519"))
        else:
            Path(key).write_bytes(openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"))
        Path(data).write_bytes(text.encode())
        raw = [] if kind == "ed25519" else ["-digest", "sha256"]
        openssl("pkeyutl", "-sign", "-inkey", key, "-rawin", *raw, "-in", data, "-out", out)
        spki = openssl("pkey", "-in", key, "-pubout", "-outform", "DER")
        return spki, Path(out).read_bytes()


cases = []


def add(scheme, secret, headers, body=BODY, **more):
    cases.append({"scheme": scheme, "secret": secret, "now": NOW, "headers": headers, "body": body, **more})


def hexmac(text, hash_name="sha256"):
    return mac(hash_name, SECRET, text).hex()


add("adyen", "44782DEF", {"HmacSignature": b64(mac("sha256", bytes.fromhex("44782DEF"), BODY))})
add("alchemy", SECRET, {"X-Alchemy-Signature": hexmac(BODY)})
add("calendly", SECRET, {"Calendly-Webhook-Signature": f"t={NOW},v1={hexmac(f'{NOW}.{BODY}')}"})
add("chronomind", SECRET, {}, skip="has vectors of its own in contract.json")
spki, signature = public_key_signature("ecdsa", BODY)
add("circle", b64(spki), {"X-Circle-Signature": b64(signature), "X-Circle-Key-Id": "k"})
signed = "x-contentful-signed-headers:x-contentful-signed-headers,x-contentful-timestamp;x-contentful-timestamp:" + MS
add(
    "contentful",
    SECRET,
    {
        "X-Contentful-Signature": hexmac(f"POST\n/hooks?b=2&a=1\n{signed}\n{BODY}"),
        "X-Contentful-Signed-Headers": "x-contentful-signed-headers,x-contentful-timestamp",
        "X-Contentful-Timestamp": MS,
    },
    url=URL,
)
spki, signature = public_key_signature("ed25519", f"{NOW}{BODY}")
add("discord", spki[-32:].hex(), {"X-Signature-Ed25519": signature.hex(), "X-Signature-Timestamp": str(NOW)})
add("dropbox", SECRET, {"X-Dropbox-Signature": hexmac(BODY)})
add("github", SECRET, {"X-Hub-Signature-256": f"sha256={hexmac(BODY)}", "X-GitHub-Delivery": "d-1"})
add("gitlab", SECRET, {"X-Gitlab-Token": SECRET, "Idempotency-Key": "d-1"})
standard_key = bytes(range(24))
standard = {
    "webhook-id": "msg_1",
    "webhook-timestamp": str(NOW),
    "webhook-signature": f"v1,{b64(mac('sha256', standard_key, f'msg_1.{NOW}.{BODY}'))}",
}
for scheme in ("gitlabSigned", "standardWebhooks"):
    add(scheme, f"whsec_{b64(standard_key)}", standard)
add("svix", f"whsec_{b64(standard_key)}", {name.replace("webhook", "svix"): value for name, value in standard.items()})
add(
    "hubspot",
    SECRET,
    {
        "X-HubSpot-Signature-v3": b64(mac("sha256", SECRET, f"POST{URL}&c=x:y%20z{BODY}{MS}")),
        "X-HubSpot-Request-Timestamp": MS,
    },
    url=f"{URL}&c=x%3Ay%20z",
)
add("intercom", SECRET, {"X-Hub-Signature": f"sha1={hexmac(BODY, 'sha1')}"})
add("lemonSqueezy", SECRET, {"X-Signature": hexmac(BODY), "X-Event-Name": "order_created"})
linear = '{"action":"create","webhookTimestamp":%s}' % MS
add("linear", SECRET, {"Linear-Signature": hexmac(linear), "Linear-Delivery": "d-1"}, linear)
mailgun = {"timestamp": str(NOW), "token": "tok", "signature": hexmac(f"{NOW}tok")}
add("mailgun", SECRET, {}, json.dumps({"signature": mailgun, "event-data": {"id": "e"}}, separators=(",", ":")))
add("meta", SECRET, {"X-Hub-Signature-256": f"sha256={hexmac(BODY)}"})
add("mux", SECRET, {"Mux-Signature": f"t={NOW},v1={hexmac(f'{NOW}.{BODY}')}"})
add("pagerduty", SECRET, {"X-PagerDuty-Signature": f"v1={'0' * 64},v1={hexmac(BODY)}"})
add("paddle", SECRET, {"Paddle-Signature": f"ts={NOW};h1={hexmac(f'{NOW}:{BODY}')}"})
add("paystack", SECRET, {"X-Paystack-Signature": hexmac(BODY, "sha512")})
add(
    "quicknode",
    SECRET,
    {"X-QN-Nonce": "nonce", "X-QN-Timestamp": str(NOW), "X-QN-Signature": hexmac(f"nonce{NOW}{BODY}")},
)
add("razorpay", SECRET, {"X-Razorpay-Signature": hexmac(BODY), "X-Razorpay-Event-Id": "d-1"})
spki, signature = public_key_signature("ecdsa", f"{NOW}{BODY}")
add(
    "sendgrid",
    b64(spki),
    {
        "X-Twilio-Email-Event-Webhook-Signature": b64(signature),
        "X-Twilio-Email-Event-Webhook-Timestamp": str(NOW),
    },
)
add("shopify", SECRET, {"X-Shopify-Hmac-Sha256": b64(mac("sha256", SECRET, BODY)), "X-Shopify-Webhook-Id": "d-1"})
add(
    "slack",
    SECRET,
    {"X-Slack-Request-Timestamp": str(NOW), "X-Slack-Signature": f"v0={hexmac(f'v0:{NOW}:{BODY}')}"},
)
add("square", SECRET, {"X-Square-HmacSha256-Signature": b64(mac("sha256", SECRET, URL + BODY))}, url=URL)
add("stripe", SECRET, {"Stripe-Signature": f"t={NOW},v1={hexmac(f'{NOW}.{BODY}')}"})
add("telegram", SECRET, {"X-Telegram-Bot-Api-Secret-Token": SECRET})
form = "To=%2B18005551212&Digits=1234&CallSid=CA1"
add(
    "twilio",
    SECRET,
    {"X-Twilio-Signature": b64(mac("sha1", SECRET, URL + "CallSidCA1Digits1234To+18005551212"))},
    form,
    url=URL,
)
json_url = f"{URL}&bodySHA256={hashlib.sha256(BODY.encode()).hexdigest()}"
add("twilio", SECRET, {"X-Twilio-Signature": b64(mac("sha1", SECRET, json_url))}, url=json_url)
add(
    "twitch",
    SECRET,
    {
        "Twitch-Eventsub-Message-Id": "m-1",
        "Twitch-Eventsub-Message-Timestamp": "2024-03-09T16:00:00.123456789Z",
        "Twitch-Eventsub-Message-Signature": f"sha256={hexmac(f'm-12024-03-09T16:00:00.123456789Z{BODY}')}",
    },
)
add("typeform", SECRET, {"Typeform-Signature": f"sha256={b64(mac('sha256', SECRET, BODY))}"})
add("workos", SECRET, {"WorkOS-Signature": f"t={MS}, v1={hexmac(f'{MS}.{BODY}')}"})
add("xero", SECRET, {"x-xero-signature": b64(mac("sha256", SECRET, BODY))})
add(
    "zendesk",
    SECRET,
    {
        "X-Zendesk-Webhook-Signature": b64(mac("sha256", SECRET, f"{ISO}{BODY}")),
        "X-Zendesk-Webhook-Signature-Timestamp": ISO,
        "X-Zendesk-Webhook-Invocation-Id": "d-1",
    },
)
add("zoom", SECRET, {"x-zm-signature": f"v0={hexmac(f'v0:{NOW}:{BODY}')}", "x-zm-request-timestamp": str(NOW)})

published = [
    {
        "scheme": "svix",
        "source": "Svix, Verifying webhooks manually, the worked example",
        "secret": "whsec_plJ3nmyCDGBKInavdOK15jsl",
        "now": 1731705121,
        "headers": {
            "svix-id": "msg_loFOjxBNrRLzqYUf",
            "svix-timestamp": "1731705121",
            "svix-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
        },
        "body": '{"event_type":"ping","data":{"success":true}}',
    },
    {
        "scheme": "twilio",
        "source": "Twilio, Webhooks security, the worked example",
        "secret": "12345",
        "now": NOW,
        "url": "https://mycompany.com/myapp.php?foo=1&bar=2",
        "headers": {"X-Twilio-Signature": "0/KCTR6DLpKmkAf8muzZqo1nDgQ="},
        "body": "CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030&To=%2B18005551212",
    },
]

document = {
    "source": "Computed with Python's hmac and hashlib, and with openssl, by scripts/senders/make-vectors.py. Times are Unix seconds.",
    "cases": [case for case in cases if "skip" not in case],
    "published": published,
}
Path("test/vectors/senders.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
