<?php
/**
 * Removes what the plugin has stored.
 *
 * @package waitboard
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

delete_option( 'waitboard_address' );
