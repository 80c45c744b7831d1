<?php
// Installs WordPress with the plugin and posts, and prints the addresses of the posts as JSON. Arguments: the host of WordPress, the address of waitboard.
$_SERVER['HTTP_HOST'] = $argv[1];
$service              = $argv[2];
define( 'WP_INSTALLING', true );
require __DIR__ . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';
wp_install( 'Example', 'admin', 'admin@example.com', false, '', 'password' );
$author = wp_insert_user( array( 'user_login' => 'author', 'user_pass' => 'password', 'user_email' => 'author@example.com', 'role' => 'author' ) );
activate_plugin( 'waitboard/waitboard.php' );
update_option( 'waitboard_address', $service );
$element = "<wait-time widget=\"support\"></wait-time>\n<script async src=\"$service/v1/widget.js\"></script>";
$posts   = array(
	'oembed'       => array( $author, "<!-- wp:embed {\"url\":\"$service/w/support\",\"type\":\"rich\"} -->\n<figure class=\"wp-block-embed is-type-rich\"><div class=\"wp-block-embed__wrapper\">\n$service/w/support\n</div></figure>\n<!-- /wp:embed -->" ),
	'block'        => array( $author, '<!-- wp:waitboard/wait-time {"widget":"support","title":"Customer support","theme":"light","chart":"week"} /-->' ),
	'hostile'      => array( $author, '<!-- wp:waitboard/wait-time {"widget":"support","title":"\u003cimg src=x onerror=alert(1)\u003e","layout":"\u0022 onclick=alert(1)"} /-->' ),
	'html'         => array( 1, "<!-- wp:html -->\n$element\n<!-- /wp:html -->" ),
	'authors-html' => array( $author, "<!-- wp:html -->\n$element\n<!-- /wp:html -->" ),
);
$addresses = array();
foreach ( $posts as $name => list( $user, $content ) ) {
	wp_set_current_user( $user );
	kses_init();
	$id                 = wp_insert_post( wp_slash( array( 'post_title' => $name, 'post_content' => $content, 'post_status' => 'publish', 'post_author' => $user ) ) );
	$addresses[ $name ] = "http://{$argv[1]}/?p=$id";
}
echo "\n", wp_json_encode( $addresses );
