<?php
/**
 * Plugin Name: waitboard
 * Description: A block that shows a widget of waitboard: the current wait time and the length of the queue.
 * Version: 0.1.0
 * Requires at least: 6.0
 * Requires PHP: 7.4
 * License: MIT
 * Text Domain: waitboard
 *
 * @package waitboard
 */

defined( 'ABSPATH' ) || exit;

const WAITBOARD_LAYOUTS = array( 'card', 'line', 'compact', 'bare' );
const WAITBOARD_THEMES  = array( 'auto', 'light', 'dark' );
const WAITBOARD_CHARTS  = array( 'none', 'day', 'week' );

/** Returns an address of http or https without a slash at its end, or '' for anything else. */
function waitboard_clean_address( $address ) {
	$address = untrailingslashit( esc_url_raw( trim( (string) $address ), array( 'http', 'https' ) ) );
	return wp_parse_url( $address, PHP_URL_HOST ) ? $address : '';
}

/** Returns the address of the service from the settings, or ''. */
function waitboard_address() {
	return waitboard_clean_address( get_option( 'waitboard_address', '' ) );
}

/** Returns the widgets that the service lists, as ID => title. The last answer is used for a minute. */
function waitboard_widgets() {
	$address = waitboard_address();
	if ( '' === $address ) {
		return new WP_Error( 'waitboard_no_address', __( 'Enter the address of waitboard under Settings › waitboard.', 'waitboard' ) );
	}
	$key    = 'waitboard_' . md5( $address );
	$stored = get_transient( $key );
	if ( is_array( $stored ) ) {
		return $stored;
	}
	$response = wp_remote_get( $address . '/v1/widgets', array( 'timeout' => 5 ) );
	if ( is_wp_error( $response ) ) {
		return new WP_Error( 'waitboard_unreachable', __( 'WordPress can’t reach waitboard. Check the address under Settings › waitboard.', 'waitboard' ) );
	}
	$answer = json_decode( wp_remote_retrieve_body( $response ), true );
	if ( 200 !== wp_remote_retrieve_response_code( $response ) || ! isset( $answer['widgets'] ) || ! is_array( $answer['widgets'] ) ) {
		return new WP_Error( 'waitboard_unexpected', __( 'The address under Settings › waitboard doesn’t answer as waitboard does.', 'waitboard' ) );
	}
	$widgets = array();
	foreach ( $answer['widgets'] as $widget ) {
		if ( isset( $widget['id'] ) && is_string( $widget['id'] ) && waitboard_is_id( $widget['id'] ) ) {
			$widgets[ $widget['id'] ] = isset( $widget['title'] ) && is_string( $widget['title'] ) ? $widget['title'] : $widget['id'];
		}
	}
	set_transient( $key, $widgets, MINUTE_IN_SECONDS );
	return $widgets;
}

/** Reports whether a text has the form of a widget's ID. */
function waitboard_is_id( $id ) {
	return 1 === preg_match( '/\A[a-z0-9][a-z0-9_-]{0,63}\z/', $id );
}

/** Registers the block. PHP renders it, so that no user needs the capability unfiltered_html, and later versions can change the HTML. */
function waitboard_register() {
	wp_register_script(
		'waitboard-editor',
		plugins_url( 'editor.js', __FILE__ ),
		array( 'wp-blocks', 'wp-block-editor', 'wp-components', 'wp-element', 'wp-i18n', 'wp-api-fetch', 'wp-server-side-render' ),
		(string) filemtime( __DIR__ . '/editor.js' ),
		true
	);
	$address = waitboard_address();
	if ( '' !== $address ) {
		wp_register_script( 'waitboard', $address . '/v1/widget.js', array(), null, true ); // phpcs:ignore WordPress.WP.EnqueuedResourceParameters.MissingVersion -- the service's own
	}
	register_block_type( __DIR__, array( 'render_callback' => 'waitboard_render' ) );
}
add_action( 'init', 'waitboard_register' );

/** Returns the block's HTML. Without the script, visitors see the link. */
function waitboard_render( $attributes ) {
	$address = waitboard_address();
	$id      = isset( $attributes['widget'] ) ? (string) $attributes['widget'] : '';
	if ( '' === $address || ! waitboard_is_id( $id ) ) {
		return '';
	}
	$html = '<wait-time api="' . esc_url( $address, array( 'http', 'https' ) ) . '" widget="' . esc_attr( $id ) . '"';
	foreach ( array( 'layout' => WAITBOARD_LAYOUTS, 'theme' => WAITBOARD_THEMES, 'chart' => WAITBOARD_CHARTS ) as $name => $choices ) {
		$choice = isset( $attributes[ $name ] ) ? $attributes[ $name ] : '';
		if ( $choice !== $choices[0] && in_array( $choice, $choices, true ) ) {
			$html .= ' ' . $name . '="' . esc_attr( $choice ) . '"';
		}
	}
	$title = isset( $attributes['title'] ) && '' !== $attributes['title'] ? $attributes['title'] : __( 'Current wait time', 'waitboard' );
	$html .= '><a href="' . esc_url( $address . '/w/' . $id, array( 'http', 'https' ) ) . '">' . esc_html( $title ) . '</a></wait-time>';
	wp_enqueue_script( 'waitboard' );
	return '<div ' . get_block_wrapper_attributes() . '>' . $html . "</div>\n";
}

/** Loads the script without blocking the page. */
function waitboard_async( $tag, $handle ) {
	return 'waitboard' === $handle ? str_replace( '<script ', '<script async ', $tag ) : $tag;
}
add_filter( 'script_loader_tag', 'waitboard_async', 10, 2 );

/** Sends the list of widgets to the editor, for all users who write posts. */
function waitboard_routes() {
	register_rest_route(
		'waitboard/v1',
		'/widgets',
		array(
			'methods'             => 'GET',
			'permission_callback' => function () {
				return current_user_can( 'edit_posts' );
			},
			'callback'            => function () {
				$widgets = waitboard_widgets();
				if ( is_wp_error( $widgets ) ) {
					$widgets->add_data( array( 'status' => 503 ) );
					return $widgets;
				}
				$list = array();
				foreach ( $widgets as $id => $title ) {
					$list[] = array( 'id' => (string) $id, 'title' => $title );
				}
				return $list;
			},
		)
	);
}
add_action( 'rest_api_init', 'waitboard_routes' );

/** Registers the setting, which the page Settings › waitboard changes. */
function waitboard_settings() {
	register_setting( 'waitboard', 'waitboard_address', array( 'type' => 'string', 'sanitize_callback' => 'waitboard_clean_address', 'default' => '' ) );
}
add_action( 'admin_init', 'waitboard_settings' );

/** Adds the page Settings › waitboard. */
function waitboard_menu() {
	add_options_page( 'waitboard', 'waitboard', 'manage_options', 'waitboard', 'waitboard_settings_page' );
}
add_action( 'admin_menu', 'waitboard_menu' );

/** Prints the page Settings › waitboard, and how many widgets the service lists. */
function waitboard_settings_page() {
	$widgets = waitboard_widgets();
	?>
	<div class="wrap">
		<h1>waitboard</h1>
		<form action="options.php" method="post">
			<?php settings_fields( 'waitboard' ); ?>
			<table class="form-table" role="presentation"><tr>
				<th scope="row"><label for="waitboard_address"><?php esc_html_e( 'Address of the service', 'waitboard' ); ?></label></th>
				<td>
					<input type="url" class="regular-text" id="waitboard_address" name="waitboard_address" placeholder="https://wait.example.com" value="<?php echo esc_attr( waitboard_address() ); ?>">
					<p class="description">
					<?php
					if ( is_wp_error( $widgets ) ) {
						echo esc_html( $widgets->get_error_message() );
					} else {
						/* translators: %d: a number of widgets. */
						echo esc_html( sprintf( _n( 'waitboard lists %d widget.', 'waitboard lists %d widgets.', count( $widgets ), 'waitboard' ), count( $widgets ) ) );
					}
					?>
					</p>
				</td>
			</tr></table>
			<?php submit_button(); ?>
		</form>
	</div>
	<?php
}

/** Shows the widget live in the editor as well. */
function waitboard_editor_assets() {
	wp_enqueue_script( 'waitboard' );
}
add_action( 'enqueue_block_editor_assets', 'waitboard_editor_assets' );
