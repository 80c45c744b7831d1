package webhook

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"strings"
)

// A format renders a message for one kind of receiver. It may add header fields.
type format func(m *message, header http.Header) []byte

// formats are those of the configuration.
var formats = map[string]format{"json": plain, "slack": slack, "teams": teams, "ntfy": ntfy}

const jsonType = "application/json; charset=utf-8"

func encode(header http.Header, value any) []byte {
	header.Set("Content-Type", jsonType)
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // it is not for a page
	if err := encoder.Encode(value); err != nil {
		panic(err) // texts and finite numbers can be encoded
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// plain is the documented form.
func plain(m *message, header http.Header) []byte { return encode(header, m.Content) }

// slackEscape escapes what Slack reads as markup: https://docs.slack.dev/messaging/formatting-message-text
var slackEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// slack is the form of Slack's incoming webhooks. Mattermost, Rocket.Chat and Discord (at /slack) take it too.
func slack(m *message, header http.Header) []byte {
	lines := append([]string{m.Content.Data.Summary}, m.details()...)
	return encode(header, struct {
		Text   string `json:"text"`
		Markup bool   `json:"mrkdwn"`
	}{slackEscape.Replace(strings.Join(lines, "\n")), false})
}

// A card is an Adaptive Card in the envelope that workflows of Teams take. RichTextBlock reads no markup.
type card struct {
	Type        string       `json:"type"`
	Attachments []attachment `json:"attachments"`
}

type attachment struct {
	ContentType string  `json:"contentType"`
	Content     content `json:"content"`
}

type content struct {
	Schema  string  `json:"$schema"`
	Type    string  `json:"type"`
	Version string  `json:"version"`
	Body    []block `json:"body"`
}

type block struct {
	Type    string `json:"type"`
	Inlines []run  `json:"inlines"`
}

type run struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Weight string `json:"weight,omitempty"`
	Color  string `json:"color,omitempty"`
}

func teams(m *message, header http.Header) []byte {
	color := ""
	if m.Bad {
		color = "Attention"
	}
	blocks := []block{{"RichTextBlock", []run{{"TextRun", m.Content.Data.Summary, "Bolder", color}}}}
	for _, line := range m.details() {
		blocks = append(blocks, block{"RichTextBlock", []run{{Type: "TextRun", Text: line}}})
	}
	return encode(header, card{"message", []attachment{{
		"application/vnd.microsoft.card.adaptive",
		content{"http://adaptivecards.io/schemas/adaptive-card.json", "AdaptiveCard", "1.4", blocks},
	}}})
}

// ntfy is the form of a topic of ntfy: a text, and header fields in RFC 2047.
func ntfy(m *message, header http.Header) []byte {
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Title", mime.BEncoding.Encode("utf-8", m.Content.Data.Summary))
	header.Set("Priority", "default")
	header.Set("Tags", "white_check_mark")
	if m.Bad {
		header.Set("Priority", "high")
		header.Set("Tags", "warning")
	}
	lines := m.details()
	if len(lines) == 0 {
		lines = []string{m.Content.Data.Summary}
	}
	return []byte(strings.Join(lines, "\n"))
}
