# Written by Stook; changes are lost at the next apply.
vcl 4.1;

import std;

backend nginx {
    .host = "127.0.0.1";
    .port = "8080";
    .connect_timeout = 2s;
    .first_byte_timeout = 80s;
    .between_bytes_timeout = 30s;
    .probe = {
        .url = "/stook-health";
        .interval = 2s;
        .timeout = 2s;
        .window = 4;
        .threshold = 2;
        .initial = 1;
        .expected_response = 204;
    }
}

sub vcl_recv {
    if (std.healthy(req.backend_hint)) {
        set req.grace = 10s;
    }
    unset req.http.Proxy;
    unset req.http.X-Forwarded-Host;
    unset req.http.X-Forwarded-Server;
    unset req.http.X-Forwarded-Port;
    unset req.http.Forwarded;
    unset req.http.X-Real-IP;
    unset req.http.X-Forwarded-Proto;
    if (req.method != "GET" && req.method != "HEAD") {
        if (req.method == "POST" || req.method == "PUT" || req.method == "PATCH" || req.method == "DELETE" || req.method == "OPTIONS") {
            return (pass);
        }
        return (synth(405));
    }
    if (req.url !~ "^/" || req.http.Authorization) {
        return (pass);
    }
    if (req.url ~ "^/+(wp-admin|wp-login[.]php|xmlrpc[.]php|wp-cron[.]php|wp-json)" || req.url ~ "[?&](preview|rest_route|customize_changeset_uuid)=") {
        return (pass);
    }
    if (req.http.Cookie ~ "(wordpress_logged_in_|wordpress_sec_|wp-postpass_|comment_author_|woocommerce_|wp_woocommerce_session_|PHPSESSID)") {
        return (pass);
    }
    unset req.http.Cookie;
    return (hash);
}

sub vcl_backend_response {
    if (beresp.status >= 500) {
        if (bereq.is_bgfetch) {
            return (abandon);
        }
        set beresp.uncacheable = true;
        set beresp.ttl = 0s;
        return (deliver);
    }
    if (beresp.status == 400 || beresp.status == 403 || beresp.status == 429) {
        set beresp.uncacheable = true;
        set beresp.ttl = 0s;
        return (deliver);
    }
    set beresp.do_gzip = beresp.http.Content-Type ~ "text|javascript|json|xml";
    set beresp.grace = 1h;
    if (!beresp.uncacheable && !beresp.http.Set-Cookie && !beresp.http.Cache-Control && beresp.status == 200) {
        set beresp.ttl = 1m;
    }
}

sub vcl_deliver {
    set resp.http.X-Cache = "MISS";
    if (obj.hits > 0) {
        set resp.http.X-Cache = "HIT";
    }
}

sub vcl_backend_error {
    set beresp.status = 503;
    set beresp.http.Content-Type = "text/html; charset=utf-8";
    set beresp.http.Retry-After = "5";
    set beresp.body = {"<!DOCTYPE html><title>503</title><h1>Back in a moment</h1>
"};
    return (deliver);
}

sub vcl_synth {
    set resp.http.Content-Type = "text/html; charset=utf-8";
    if (resp.status == 503) {
        set resp.http.Retry-After = "5";
    }
    set resp.body = "<!DOCTYPE html><title>" + resp.status + "</title><h1>" + resp.reason + "</h1>";
    return (deliver);
}
