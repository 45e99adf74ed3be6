<?php
// Written by Stook; changes are lost at the next apply. Every secret is a file of its own.
function stook_secret(string $path): string
{
    $found = is_readable($path) ? file_get_contents($path) : false;
    if ($found === false || rtrim($found, "\r\n") === '') {
        http_response_code(503);
        error_log("stook: $path is not there, or empty");
        exit("A secret is missing; the log of PHP says which.\n");
    }
    return rtrim($found, "\r\n");
}

define('DB_HOST', '[2001:db8::3306]:3306');
define('DB_NAME', 'news');
define('DB_USER', 'news');
define('DB_PASSWORD', stook_secret('/etc/stook/secrets/db-password'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('MYSQL_CLIENT_FLAGS', MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT);
$table_prefix = 'wp_';

(function (string $text): void {
    foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
        define("{$name}_KEY", hash_hmac('sha256', "{$name}_KEY", $text));
        define("{$name}_SALT", hash_hmac('sha256', "{$name}_SALT", $text));
    }
})(stook_secret('/etc/stook/secrets/wordpress-salts'));

define('WP_HOME', 'https://news.example.com');
define('WP_SITEURL', 'https://news.example.com');
define('AUTOMATIC_UPDATER_DISABLED', true);
define('DISALLOW_FILE_MODS', true);
if (($_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '') === 'https') {
    $_SERVER['HTTPS'] = 'on';
    $_SERVER['SERVER_PORT'] = '443';
}
