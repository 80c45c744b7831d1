package app_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"waitboard/simulator"
)

// serveCrowd starts a service for a crowd of visitors, some of them malicious. more is additional configuration.
func serveCrowd(t *testing.T, more string) *service {
	t.Helper()
	sim := simulate(t, simulator.Options{Seed: 30})
	cfg := parse(t, fmt.Sprintf("sources: {hq: {url: %q, key_env: KEY}}\nwidgets: {support: {metrics: {waiting: {metric: K0FLAEB6}}}}\n%s\n", sim.URL(), more), map[string]string{"KEY": sim.Key()})
	cfg.Widgets[0].StaleAfter, cfg.Widgets[0].HideAfter = time.Hour, 2*time.Hour
	return serve(t, cfg)
}

// serveEncryptedCrowd starts such a service with TLS, and returns a transport for visitors who trust it.
func serveEncryptedCrowd(t *testing.T) (*service, *http.Transport) {
	t.Helper()
	folder := t.TempDir()
	certificate := selfSigned(t, folder, 1, time.Now().Add(24*time.Hour))
	s := serveCrowd(t, fmt.Sprintf("tls: {cert_file: %q, key_file: %q}", filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")))
	return s, trusting(t, certificate).Transport.(*http.Transport)
}

// hostname is the host and port of a URL.
func hostname(url string) string { _, host, _ := strings.Cut(url, "://"); return host }

// visit requests the widget repeatedly until stop is called, in turn over a keep-alive connection and over new ones.
// Each request must succeed; visit logs their durations.
func (s *service) visit() (stop func()) { return s.visitBy(&http.Transport{}) }

func (s *service) visitBy(transport *http.Transport) (stop func()) {
	s.t.Helper()
	visitor := &http.Client{Transport: transport, Timeout: 10 * long}
	done, ended := make(chan struct{}), make(chan struct{})
	var answers int
	var slowest, all time.Duration
	go func() {
		defer close(ended)
		pause := time.NewTicker(5 * time.Millisecond)
		defer pause.Stop()
		for ; ; answers++ {
			began := time.Now()
			if err := ask(visitor, s.url+"/v1/widgets/support", answers%2 == 1); err != nil {
				s.t.Errorf("request %d of a visitor: %v", answers+1, err)
			}
			took := time.Since(began)
			slowest, all = max(slowest, took), all+took
			select {
			case <-done:
				return
			case <-pause.C:
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(done)
		<-ended
		transport.CloseIdleConnections()
		s.t.Logf("a visitor received %d responses, after %v on average, at most %v", answers+1, all/time.Duration(answers+1), slowest)
	})
}

// ask requests a widget, and returns an error for a wrong response.
func ask(visitor *http.Client, url string, once bool) error {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	r.Close = once
	resp, err := visitor.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var got struct{ ID string }
	if err := json.Unmarshal(raw, &got); err != nil {
		return fmt.Errorf("%d, %w: %s", resp.StatusCode, err, raw)
	}
	if resp.StatusCode != http.StatusOK || got.ID != "support" {
		return fmt.Errorf("%d: %s", resp.StatusCode, raw)
	}
	return nil
}

// A process of the test binary with these variables is a crowd.
const (
	crowdAt = "WAITBOARD_TEST_CROWD"      // the address to visit
	crowdOf = "WAITBOARD_TEST_CROWD_SIZE" // the number of visitors
)

// beCrowd opens thousands of connections to an address, and sends another request over each when a line arrives on its input.
func beCrowd(address string) (err error) {
	crowdSize, err := strconv.Atoi(os.Getenv(crowdOf))
	if err != nil {
		return err
	}
	conns := make([]net.Conn, crowdSize)
	for i := range conns {
		if conns[i], err = net.Dial("tcp", address); err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
		if err := asks(conns[i]); err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
	}
	fmt.Println("all are there")
	if !bufio.NewScanner(os.Stdin).Scan() {
		return errors.New("nothing more is said")
	}
	for i, conn := range conns {
		if err := asks(conn); err != nil {
			return fmt.Errorf("connection %d, again: %w", i, err)
		}
	}
	fmt.Println("all are answered")
	return nil
}

// asks requests the widget over a connection, and reads the whole response.
func asks(conn net.Conn) error {
	_ = conn.SetDeadline(time.Now().Add(10 * long))
	if _, err := io.WriteString(conn, getWidget+"\r\n"); err != nil {
		return err
	}
	var answer []byte
	buffer := make([]byte, 4<<10)
	for !bytes.HasSuffix(bytes.TrimSpace(answer), []byte("}")) {
		n, err := conn.Read(buffer)
		if err != nil {
			return fmt.Errorf("%w after %s", err, answer)
		}
		answer = append(answer, buffer[:n]...)
	}
	if !bytes.HasPrefix(answer, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("answered %s", answer)
	}
	return nil
}
