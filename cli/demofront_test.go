package cli

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

func TestFront(t *testing.T) {
	var hosts []string
	var servers []*httptest.Server
	for n := range 3 {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, strconv.Itoa(n)+" "+r.Host) }))
		defer server.Close()
		servers, hosts = append(servers, server), append(hosts, server.Listener.Addr().String())
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	f := openFront(listener, hosts)
	defer f.close()
	defer http.DefaultClient.CloseIdleConnections()
	get := func() (status int, text string) {
		response, err := http.Get("http://" + address)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		return response.StatusCode, string(body)
	}
	for stopped := range 3 {
		seen := map[string]bool{}
		for range 6 {
			status, text := get()
			if status != http.StatusOK || !strings.HasSuffix(text, " "+address) {
				t.Errorf("%d stopped: status %d, %q", stopped, status, text)
			}
			seen[text] = true
		}
		if len(seen) != 3-stopped {
			t.Errorf("%d stopped: answers of %d", stopped, len(seen))
		}
		servers[stopped].CloseClientConnections()
		servers[stopped].Close()
	}
	if status, text := get(); status != http.StatusBadGateway || text != "no replica responds\n" {
		t.Errorf("without replicas: status %d, %q", status, text)
	}
}
