<?php
// Installs WordPress into an empty database, as its own installer would: run by wordpress-put.
//
// Arguments: ROOT USER EMAIL TITLE; the password comes on standard input, because its file is root's
// alone. Exit 0 it is installed; 1 try again; the output
// says what is awaited.

[, $root, $user, $email, $title] = $argv;
$password = rtrim((string) stream_get_contents(STDIN), "\r\n");
$_SERVER += ['HTTP_HOST' => 'localhost', 'REQUEST_METHOD' => 'GET', 'SERVER_PROTOCOL' => 'HTTP/1.1'];
$_SERVER['REQUEST_URI'] = '/';

require_once '/etc/stook/wordpress.php';
preg_match('/^\[?(.*?)\]?:(\d+)$/', DB_HOST, $place);
mysqli_report(MYSQLI_REPORT_OFF);
$link = mysqli_init();
$link->options(MYSQLI_OPT_CONNECT_TIMEOUT, 10);
$flags = defined('MYSQL_CLIENT_FLAGS') ? MYSQL_CLIENT_FLAGS : 0;
if (!@$link->real_connect($place[1], DB_USER, DB_PASSWORD, DB_NAME, (int) $place[2], null, $flags)) {
    echo 'waiting for the database: ', mysqli_connect_error(), "\n";
    exit(1);
}
// the first account comes last, so an installation that was cut short is done again; and data of
// any kind has accounts
$accounts = $link->query('SELECT 1 FROM wp_users LIMIT 1');
if ($accounts !== false && $accounts->num_rows > 0) {
    exit(0);
}
$link->close();

if ($password === '') {
    echo "waiting for the first password: its file is empty\n";
    exit(1);
}
define('WP_INSTALLING', true);
// nobody is told by mail: the password is the secret that the spec names
function wp_new_blog_notification(): void
{
}
require "$root/wp-load.php";
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
$made = wp_install($title, $user, $email, true, '', $password);
if (is_wp_error($made)) {
    echo 'WordPress cannot be installed: ', $made->get_error_message(), "\n";
    exit(1);
}
echo "WordPress is installed into the database, with the account $user\n";
