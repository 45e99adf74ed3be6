<?php
// What the running PHP has in effect, as JSON; asked over FastCGI on the loopback address only,
// because no document root holds it. It never prints a secret.
//
// Query: settings=NAME,NAME...   the values of these settings
//        database=1             connect as WordPress would, and say what came of it

require_once '/etc/stook/wordpress.php';
header('Content-Type: application/json');
$answer = ['user' => posix_getpwuid(posix_geteuid())['name']];

$names = array_filter(explode(',', $_GET['settings'] ?? ''));
$answer['settings'] = [];
foreach ($names as $name) {
    $answer['settings'][$name] = ini_get($name);
}

$keys = '';
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    $keys .= constant("{$name}_KEY") . constant("{$name}_SALT");
}
// one way, and short: enough to tell two nodes apart
$answer['salts'] = substr(hash('sha256', $keys), 0, 16);

if (isset($_GET['database'])) {
    preg_match('/^\[?(.*?)\]?:(\d+)$/', DB_HOST, $place);
    $found = ['host' => $place[1], 'port' => (int) $place[2], 'name' => DB_NAME, 'user' => DB_USER];
    mysqli_report(MYSQLI_REPORT_OFF);
    $link = mysqli_init();
    $link->options(MYSQLI_OPT_CONNECT_TIMEOUT, 5);
    $flags = defined('MYSQL_CLIENT_FLAGS') ? MYSQL_CLIENT_FLAGS : 0;
    if (@$link->real_connect($place[1], DB_USER, DB_PASSWORD, DB_NAME, $found['port'], null, $flags)) {
        $cipher = $link->query("SHOW STATUS LIKE 'Ssl_cipher'")->fetch_row();
        $found += ['error' => '', 'tls' => ($cipher[1] ?? '') !== ''];
    } else {
        $found += ['error' => mysqli_connect_error(), 'tls' => false];
    }
    $answer['database'] = $found;
}
echo json_encode($answer, JSON_UNESCAPED_SLASHES), "\n";
