package neighbors

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"waitboard/internal/testlevel"
)

// A wordPress is WordPress of Debian with the plugin of deploy/wordpress and some posts.
type wordPress struct {
	url   string
	posts map[string]string // addresses, by name
}

const phones = `
public_url: http://{listen}
sources: {hq: {url: "{source}", key_env: KEY, interval: 1s}}
widgets:
  support:
    title: Customer support
    metrics:
      wait: {metric: Current Wait Time, label: Current wait time}
      waiting: {metric: K0FLAEB6, label: Calls in queue, link: {label: Request a callback, url: "tel:+1-555-0100"}}
  sales: {title: Sales, metrics: {waiting: {metric: K0FLAEB6, label: Calls in queue}}}
`

const debianWordPress = "/usr/share/wordpress"

// newWordPress starts MariaDB and PHP's own web server, and installs WordPress.
func newWordPress(t *testing.T, s *service) *wordPress {
	t.Helper()
	const packages = "wordpress wordpress-theme-twentytwentythree php-cli php-mysql mariadb-server-core"
	php, database := testlevel.Need(t, "php", packages), testlevel.Need(t, "mariadbd", packages)
	installer := testlevel.Need(t, "mariadb-install-db", packages)
	testlevel.NeedFile(t, debianWordPress+"/wp-load.php", "apt-get install "+packages)
	folder := folder(t)
	site, socket := filepath.Join(folder, "site"), filepath.Join(folder, "db.sock")
	startDatabase(t, installer, database, folder, socket)

	run(t, exec.Command("cp", "-rL", debianWordPress+"/.", site), true) // links of Debian's may lead nowhere
	run(t, exec.Command("cp", "-r", "../deploy/wordpress/waitboard", filepath.Join(site, "wp-content/plugins/waitboard")), false)
	for from, to := range map[string]string{"wp-config.php": "wp-config.php", "install.php": "install.php", "loopback.php": "wp-content/mu-plugins/loopback.php"} {
		text, err := os.ReadFile(filepath.Join("testdata", from))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(site, to), strings.ReplaceAll(string(text), "{socket}", socket))
	}
	host := freePort(t)
	server := exec.Command(php, "-S", host, "-t", site)
	server.Env = append(os.Environ(), "PHP_CLI_SERVER_WORKERS=4")
	start(t, server)
	w := &wordPress{url: "http://" + host}
	out := run(t, exec.Command(php, "-d", "display_errors=stderr", filepath.Join(site, "install.php"), host, s.URL), false)
	if err := json.Unmarshal(out[bytes.LastIndexByte(out, '\n')+1:], &w.posts); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	eventually(t, "WordPress serves", func() bool {
		got, err := get(http.DefaultClient, w.url)
		return err == nil && got.StatusCode == http.StatusOK
	})
	return w
}

// startDatabase starts a MariaDB for anybody who reaches its socket.
func startDatabase(t *testing.T, installer, database, folder, socket string) {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(folder, "data")
	run(t, exec.Command(installer, "--no-defaults", "--datadir="+data, "--user="+me.Username, "--auth-root-authentication-method=normal", "--skip-test-db"), false)
	start(t, exec.Command(database, "--no-defaults", "--datadir="+data, "--user="+me.Username, "--socket="+socket, "--skip-networking", "--pid-file="+filepath.Join(folder, "pid"),
		"--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0", "--init-file="+write(t, filepath.Join(folder, "init.sql"), "CREATE DATABASE IF NOT EXISTS wordpress;\n")))
	eventually(t, "MariaDB listens", func() bool {
		_, err := os.Stat(socket)
		return err == nil
	})
}

// run runs a program to its end, and returns its output.
func run(t *testing.T, cmd *exec.Cmd, mayFail bool) []byte {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil && !mayFail {
		t.Fatalf("%s: %v\n%s", filepath.Base(cmd.Path), err, out)
	}
	return out
}

// freePort returns an address that nobody listens at. Programs that can't choose a port themselves get one.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// newPhones starts the service of the tests of WordPress, once it has values.
func newPhones(t *testing.T) *service {
	t.Helper()
	listen := freePort(t)
	s := newService(t, listen, strings.ReplaceAll(phones, "{listen}", listen))
	eventually(t, "there are values", func() bool {
		got, err := get(http.DefaultClient, s.URL+"/v1/widgets/support")
		return err == nil && strings.Contains(got.body, `"state":"open"`)
	})
	return s
}

// WordPress shows the widget by its address and by the block, whoever writes the post, and by the Custom HTML block for administrators.
func TestWordPress(t *testing.T) {
	testlevel.Full(t)
	chromium := newChromium(t)
	s := newPhones(t)
	w := newWordPress(t, s)
	t.Run("HTML", w.testHTML)
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"390", 390, 844}, {"1280", 1280, 900}} {
		t.Run(size.name, func(t *testing.T) {
			b := chromium.tab(t, size.width, size.height)
			for _, name := range []string{"block", "html"} {
				b.open(w.posts[name])
				b.wait(`document.querySelector('wait-time')?.shadowRoot?.querySelector('.box')?.innerText.includes('Calls in queue')`)
				b.shoot("wordpress-" + name + "-" + size.name)
			}
			b.open(w.posts["oembed"])
			b.wait(`document.querySelector('iframe.wp-embedded-content')`)
			b.wait(`document.readyState == 'complete'`)
			b.shoot("wordpress-oembed-" + size.name)
			if wide := eval[bool](b, `document.documentElement.scrollWidth > innerWidth`); wide {
				t.Error("the page of the oEmbed frame scrolls sideways")
			}
			if frame := eval[[]float64](b, `(f => [f.offsetWidth, f.closest('.wp-block-embed').offsetWidth])(document.querySelector('iframe'))`); size.width < 400 && frame[0] < frame[1] {
				t.Errorf("on a phone the frame is %v px wide, of %v", frame[0], frame[1])
			}
			b.open(w.posts["authors-html"])
			b.shoot("wordpress-authors-html-" + size.name)
		})
	}
	t.Run("editor", func(t *testing.T) { w.testEditor(t, chromium.tab(t, 1280, 900)) })
}

// testHTML looks at what WordPress makes of the posts.
func (w *wordPress) testHTML(t *testing.T) {
	for _, test := range []struct {
		name      string
		has, lack []string
	}{
		{"oembed", []string{`sandbox="allow-scripts"`, `/embed/support#?secret=`}, nil},
		{"block", []string{`<wait-time api="http://127.0.0.1:`, ` widget="support" theme="light" chart="week"><a href="http://127.0.0.1:`, `>Customer support</a></wait-time>`, `<script async src=`, `/v1/widget.js`}, nil},
		{"hostile", []string{`></wait-time>`, `/v1/widget.js`}, []string{`<img src=x`, `onclick=`}},
		{"html", []string{`<wait-time widget="support"></wait-time>`, `/v1/widget.js`}, nil},
		{"authors-html", nil, []string{`<wait-time`, `/v1/widget.js`}}, // docs/embedding.md says what authors use
	} {
		got, err := get(http.DefaultClient, w.posts[test.name])
		if err != nil {
			t.Fatal(err)
		}
		_, content, _ := strings.Cut(got.body, "<main")
		for _, part := range test.has {
			if !strings.Contains(content, part) {
				t.Errorf("%s: no %s in\n%s", test.name, part, content)
			}
		}
		for _, part := range test.lack {
			if strings.Contains(content, part) {
				t.Errorf("%s: there is %s in\n%s", test.name, part, content)
			}
		}
	}
}

// testEditor inserts the block as an author, who picks a widget from the service's list.
func (w *wordPress) testEditor(t *testing.T, b *tab) {
	b.open(w.url + "/wp-login.php")
	eval[any](b, `(document.querySelector('#user_login').value = 'author', document.querySelector('#user_pass').value = 'password', document.querySelector('#loginform').submit(), null)`)
	b.wait(`location.pathname.startsWith('/wp-admin/') && document.readyState == 'complete'`)
	b.open(w.url + "/wp-admin/post-new.php")
	b.wait(`window.wp?.blocks?.getBlockType('waitboard/wait-time') && document.querySelector('.editor-post-title, .edit-post-visual-editor')`)
	eval[any](b, `(wp.data.dispatch('core/preferences').set('core/edit-post', 'welcomeGuide', false),
		wp.data.dispatch('core/block-editor').insertBlocks(wp.blocks.createBlock('waitboard/wait-time')), null)`)
	const picker = `document.querySelector('.components-placeholder select')`
	b.wait(picker + `?.options.length == 3`)
	if labels := eval[string](b, `Array.from(`+picker+`.options, o => o.text).sort().join()`); labels != "Choose a widget,Customer support (support),Sales (sales)" {
		t.Errorf("the picker lists %q", labels)
	}
	b.shoot("wordpress-editor-picker")
	eval[any](b, `(select => { Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value').set.call(select, 'sales'); select.dispatchEvent(new Event('change', {bubbles: true})) })(`+picker+`)`)
	b.wait(`document.querySelector('wait-time[widget=sales]')?.shadowRoot?.querySelector('.box')?.innerText.includes('Calls in queue')`)
	b.shoot("wordpress-editor-block")
}
