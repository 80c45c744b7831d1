package webhook

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	v1 "waitboard/api/v1"
	"waitboard/internal/golden"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// samples are one message of each kind.
func samples() map[string]message {
	value := any(960.0)
	data := func(summary, from, to string) v1.MessageData {
		return v1.MessageData{Webhook: "chat", Summary: summary, From: from, To: to, Widgets: []string{"support"}, Title: "Köln & <Bonn>", Locale: "de", Text: "Köln & <Bonn>: *Wartezeit* 16 Min."}
	}
	level := data("Köln & <Bonn>, Wartezeit: high, was low", "low", "high")
	level.Metric = &v1.Metric{ID: "wait", Label: "Wartezeit", Type: "duration", Value: &value, Unit: "s", Text: "16 Min.", Level: "high"}
	private := level
	private.Private = &v1.MessagePrivate{Values: map[string]float64{"wait": 912.5, "waiting": 3}}
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	of := func(kind string, bad bool, d v1.MessageData) message {
		return message{ID: "msg_1", Created: at, Bad: bad, Content: v1.Message{Type: kind, Timestamp: at.Format(timeFormat), Data: d}}
	}
	return map[string]message{
		"level":   of("widget.level", true, level),
		"private": of("widget.level", true, private),
		"closed":  of("widget.state", false, data("Köln & <Bonn>: closed, was open", "open", "closed")),
		"source":  of("source.state", true, v1.MessageData{Webhook: "chat", Summary: "A source of support fails", From: "ok", To: "failing", Widgets: []string{"support"}}),
		"cause":   of("source.state", true, v1.MessageData{Webhook: "chat", Summary: "A source of support fails", From: "ok", To: "failing", Widgets: []string{"support"}, Private: &v1.MessagePrivate{Source: "hq", Cause: "timeout"}}),
		"test":    test("chat", at),
	}
}

func TestFormats(t *testing.T) {
	for name, format := range formats {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			all := samples()
			for _, kind := range slices.Sorted(maps.Keys(all)) {
				m, header := all[kind], http.Header{}
				body := format(&m, header)
				fmt.Fprintf(&out, "== %s\n", kind)
				_ = header.Write(&out)
				fmt.Fprintf(&out, "\n%s\n\n", body)
			}
			golden.Check(t, name+".txt", strings.ReplaceAll(out.String(), "\r\n", "\n"))
		})
	}
}

// The signature is verified by the reference implementation of Standard Webhooks.
func TestSign(t *testing.T) {
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"type":"test"}`)
	header := http.Header{}
	sign(header, secret, "msg_1", time.Now(), body)
	if err := verifier.Verify(body, header); err != nil {
		t.Error(err)
	}
	if err := verifier.Verify(append(body, ' '), header); err == nil {
		t.Error("another body passes")
	}
	header.Set("Webhook-Id", "msg_2")
	if err := verifier.Verify(body, header); err == nil {
		t.Error("another ID passes")
	}
	unsigned := http.Header{}
	sign(unsigned, "", "msg_1", time.Now(), body)
	if unsigned.Get("Webhook-Signature") != "" || unsigned.Get("Webhook-Id") != "msg_1" || unsigned.Get("Webhook-Timestamp") == "" {
		t.Errorf("without a secret: %v", unsigned)
	}
}
