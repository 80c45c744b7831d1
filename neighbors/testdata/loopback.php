<?php
// WordPress asks no private addresses for oEmbed. Here the service is at one.
add_filter( 'http_request_host_is_external', '__return_true' );
add_filter( 'http_allowed_safe_ports', function () {
	return range( 1, 65535 );
} );
