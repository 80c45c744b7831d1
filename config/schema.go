package config

import "time"

// The types below describe the configuration file. The decoder reads their tags. schemagen makes docs/waitboard.schema.json, for editors, and
// the tables of docs/configuration.md from the tags and the comments. Only schemagen uses the exported names; all others use Config.
//
// A default that depends on something ends the comment, as in "Default: the widget's ID."
//
// The tag jsonschema holds words of JSON Schema: required, default, enum, minLength, maxLength, minimum, maximum, example. The tags min and
// max limit a duration.

// File is a waitboard configuration file.
type File struct {
	// The address of the public service, as host:port.
	Listen string `yaml:"listen" jsonschema:"default=127.0.0.1:8080,minLength=1,example=0.0.0.0:8080"`
	// The address of the operators' pages (metrics, profiles, dashboard), as host:port. Empty text turns them off. Keep it private.
	Admin string `yaml:"admin" jsonschema:"default=127.0.0.1:9090,example=127.0.0.1:9090"`
	// The name of the environment variable with the operators' token, at least 16 characters. Required unless admin is a loopback address.
	AdminTokenEnv string `yaml:"admin_token_env" jsonschema:"minLength=1,example=WAITBOARD_ADMIN_TOKEN"`
	// How long the service goes on serving after SIGTERM, from 0s to 5m. Meanwhile /readyz is 503, so that load balancers send visitors elsewhere.
	ShutdownDelay time.Duration `yaml:"shutdown_delay" jsonschema:"default=0s,example=5s" min:"0s" max:"5m"`
	// Where visitors reach the public service behind a proxy. Default: the first host name in tls.auto, or else the address in listen.
	PublicURL string `yaml:"public_url" jsonschema:"minLength=1,example=https://wait.example.com"`
	// How the public service is encrypted, if no proxy does it. Default: not at all.
	TLS *FileTLS `yaml:"tls" jsonschema:"example={cert_file: fullchain.pem\\, key_file: privkey.pem}"`
	// Whether the public service accepts HTTP/2 without TLS, as some proxies send it. TLS includes HTTP/2.
	H2C bool `yaml:"h2c" jsonschema:"default=false"`
	// Whether the public service has the page at / with all listed widgets, and the builder at /builder. Without them the widgets are still served and listed, and /v1/widgets/ID/snippet has the HTML to paste.
	Gallery bool `yaml:"gallery" jsonschema:"default=true"`
	// Whether the service counts requests by the sites that embed its widgets, for the dashboard. It stores the counts in memory for 24 hours, and nothing about visitors.
	Embeds bool `yaml:"embeds" jsonschema:"default=true"`
	// The folder for data that survives a restart: operators' notices, the queues of webhooks, and the last values of the sources. Widgets show these values with their age until the first poll succeeds. Names of upstream are stored as hashes, text values in plain. A relative path starts at the folder of this file. The service creates the folder if the one above it exists. Default: nothing is stored.
	DataDir string `yaml:"data_dir" jsonschema:"minLength=1,example=/var/lib/waitboard"`
	// The engine through which several replicas act as one service. Default: one process, without an engine.
	Cluster *FileCluster `yaml:"cluster" jsonschema:"example={url_env: WAITBOARD_CLUSTER_URL}"`
	// The language of all texts that visitors read, as a BCP 47 tag; defaults and a widget may have another. Supported are en, es, fr, de, pt-BR, it, nl, pl, ar, he, ja and zh-Hans, and their regional forms such as de-AT.
	Locale string `yaml:"locale" jsonschema:"default=en,minLength=1,example=de"`
	// The time zone of the times that visitors see, by its IANA name; defaults and a widget may have another. Default: for each widget the one in its hours, or UTC without hours.
	Timezone string `yaml:"timezone" jsonschema:"minLength=1,example=Europe/Zurich"`
	// Phrases that replace those of the service, by language and key, as in {en: {closed: We are closed.}}. A phrase that depends on a number is one text for all numbers, or one for each plural category of the language.
	Phrases Phrases `yaml:"phrases"`
	// How many requests each visitor's address may send. Default: enough for 500 open pages, which is 3000 in 1m, or more if a source has an interval under 10s. Scripts, images and pages for frames do not count. There is no limit for loopback, private and link-local addresses, which are likely a proxy. A limit that you set applies to all addresses.
	RateLimit *FileRateLimit `yaml:"rate_limit" jsonschema:"example={requests: 3000}"`
	// How many event streams may be open. Default: 10000 in all; 20 of one address, without a limit for loopback, private and link-local ones as in rate_limit.
	Events *FileEvents `yaml:"events" jsonschema:"example={max: 10000}"`
	// The proxies of the public service, each as an address or a range. The service believes X-Forwarded-For from these alone. Default: none.
	TrustedProxies []string `yaml:"trusted_proxies" jsonschema:"minLength=1,example=10.0.0.0/8"`
	// What /metrics of the admin listener exports in addition to what the public sees.
	Metrics *FileExported `yaml:"metrics" jsonschema:"example={private: true}"`
	// Further files with sources and widgets, each as a path or as a pattern such as clients/*.yaml. A relative path starts at the folder of this file. A mistake in one of them leaves its sources and widgets as they were, and all others untouched. Default: none.
	Include []string `yaml:"include" jsonschema:"anyof_required=include,minLength=1,example=clients/*.yaml"`
	// Settings for all widgets, including those of included files. A widget's own setting replaces them. Default: none.
	Defaults *FileDefaults `yaml:"defaults" jsonschema:"example={stale_after: 1m}"`
	// The servers to read from. Each has its own ID, with its settings under it.
	Sources Entries[FileSource] `yaml:"sources" jsonschema:"anyof_required=here"`
	// The widgets to embed. Each has its own ID, which is part of its URL, with its settings under it.
	Widgets Entries[FileWidget] `yaml:"widgets" jsonschema:"anyof_required=here"`
	// The addresses that receive a message when the level of a wait changes, a widget changes its state or becomes stale, or a source fails. Each has its own ID. Default: none.
	Webhooks Entries[FileWebhook] `yaml:"webhooks"`
}

// FileIncluded is a file that the configuration file includes. It holds nothing but sources and widgets.
type FileIncluded struct {
	// As in the configuration file.
	Sources Entries[FileSource] `yaml:"sources"`
	// As in the configuration file.
	Widgets Entries[FileWidget] `yaml:"widgets"`
}

// FileDefaults holds settings for all widgets.
type FileDefaults struct {
	// Whether widgets are in the public list and on the page of all widgets.
	Listed bool `yaml:"listed" jsonschema:"default=true"`
	// The web sites that may embed a widget without its own origins. A widget's origins replace them. Default: any site.
	Origins []string `yaml:"origins" jsonschema:"minLength=1,example=https://www.example.com"`
	// A value older than this is marked stale, from 100ms to 24h; at least the interval of the sources. Default: 45s, or three intervals if that is longer.
	StaleAfter time.Duration `yaml:"stale_after" jsonschema:"example=45s" min:"100ms" max:"24h"`
	// A value older than this is not shown at all, from 100ms to 24h; at least stale_after. Default: 5m, or three times stale_after if that is longer.
	HideAfter time.Duration `yaml:"hide_after" jsonschema:"example=5m" min:"100ms" max:"24h"`
	// The language of the texts that visitors read, as a BCP 47 tag. Default: the locale of the file.
	Locale string `yaml:"locale" jsonschema:"minLength=1,example=pt-BR"`
	// The time zone of the times that visitors see, by its IANA name. Default: the timezone of the file.
	Timezone string `yaml:"timezone" jsonschema:"minLength=1,example=Europe/Zurich"`
}

// FileRateLimit is how many requests each visitor's address may send to the public service. All IPv6 addresses of one /64 count as one.
type FileRateLimit struct {
	// How many at once, up to 10000; they come back evenly. 0 turns the limit off.
	Requests int `yaml:"requests" jsonschema:"required,minimum=0,maximum=10000,example=3000"`
	// The time in which all of them come back, in whole seconds, from 1s to 1h.
	Per time.Duration `yaml:"per" jsonschema:"default=1m,example=1m" min:"1s" max:"1h"`
}

// FileEvents is how many event streams of the public service may be open at once. Each takes one file descriptor.
type FileEvents struct {
	// How many in all, up to 1000000. 0 turns event streams off.
	Max int `yaml:"max" jsonschema:"default=10000,minimum=0,maximum=1000000,example=10000"`
	// How many of one address, from 1 to 1000000; all IPv6 addresses of one /64 count as one. A limit that you set applies to private addresses too. Default: 20.
	MaxPerAddress int `yaml:"max_per_address" jsonschema:"minimum=1,maximum=1000000,example=20"`
	// How many of one widget, from 1 to 1000000. Default: the value of max.
	MaxPerWidget int `yaml:"max_per_widget" jsonschema:"minimum=1,maximum=1000000,example=5000"`
}

// FileExported is what /metrics of the admin listener exports in addition to what the public sees.
type FileExported struct {
	// Whether it exports the exact values of all widgets, as waitboard_private_value. No policy, opening hours or notice hides them.
	Private bool `yaml:"private" jsonschema:"default=false"`
}

// FileTLS is how the public service is encrypted: with a certificate from files, or with certificates that it obtains automatically.
type FileTLS struct {
	// The PEM file with the certificate, followed by its chain; a relative path starts at the folder of this file. The service loads a renewed certificate while it runs.
	CertFile string `yaml:"cert_file" jsonschema:"oneof_required=files,minLength=1,example=/etc/waitboard/fullchain.pem"`
	// The PEM file with the certificate's key, without a password.
	KeyFile string `yaml:"key_file" jsonschema:"oneof_required=files,minLength=1,example=/etc/waitboard/privkey.pem"`
	// The host names to obtain certificates for from an ACME authority, which means agreeing to its terms. Visitors and the authority must reach the service at port 443 of these names. Needs data_dir.
	Auto []string `yaml:"auto" jsonschema:"oneof_required=auto,minLength=1,example=wait.example.com"`
	// Where the authority sends warnings about a certificate. Default: nowhere.
	Email string `yaml:"email" jsonschema:"minLength=1,example=ops@example.com"`
	// The authority's ACME directory.
	Directory string `yaml:"directory" jsonschema:"default=https://acme-v02.api.letsencrypt.org/directory,minLength=1,example=https://acme-v02.api.letsencrypt.org/directory"`
	// A PEM file with certificates of a private authority, to trust at directory in addition to the system's. A relative path starts at the folder of this file.
	DirectoryCAFile string `yaml:"directory_ca_file" jsonschema:"minLength=1,example=private-ca.pem"`
}

// FileCluster is how several replicas connect to an engine: Valkey 7.2 or later, or Redis 6.2 or later. Its URL is redis://user:password@host:6379/0, rediss:// for TLS, or redis://sentinel:26379?master_name=name for Sentinel. A change takes effect at the next start.
type FileCluster struct {
	// The name of the environment variable with the URL of the engine. Either this or url_file is required.
	URLEnv string `yaml:"url_env" jsonschema:"oneof_required=url_env,minLength=1,example=WAITBOARD_CLUSTER_URL"`
	// The file that holds the URL of the engine and nothing else; a relative path starts at the folder of this file. Either this or url_env is required.
	URLFile string `yaml:"url_file" jsonschema:"oneof_required=url_file,minLength=1,example=/run/secrets/engine"`
	// The beginning of all keys on the engine, in letters, digits, - and _. Services that share an engine need different ones.
	Prefix string `yaml:"prefix" jsonschema:"default=waitboard,minLength=1,maxLength=50,example=waitboard"`
	// A PEM file with certificates to trust in addition to the system's, for a rediss URL; a relative path starts at the folder of this file.
	CAFile string `yaml:"ca_file" jsonschema:"minLength=1,example=private-ca.pem"`
	// The PEM file with the certificate that waitboard shows to the engine. Default: none.
	ClientCertFile string `yaml:"client_cert_file" jsonschema:"minLength=1,example=client.pem"`
	// The PEM file with the key of that certificate, without a password.
	ClientKeyFile string `yaml:"client_key_file" jsonschema:"minLength=1,example=client.key"`
	// The name of the environment variable with the secret that encrypts certificates of tls.auto on the engine, at least 16 characters. Required with tls.auto.
	SecretEnv string `yaml:"secret_env" jsonschema:"minLength=1,example=WAITBOARD_CLUSTER_SECRET"`
}

// FileWebhook is an address that receives messages.
type FileWebhook struct {
	// The name of the environment variable with the URL, which is a secret. Either this or url_file is required.
	URLEnv string `yaml:"url_env" jsonschema:"oneof_required=url_env,minLength=1,example=CHAT_HOOK"`
	// The file that holds the URL and nothing else; a relative path starts at the folder of this file. Either this or url_env is required.
	URLFile string `yaml:"url_file" jsonschema:"oneof_required=url_file,minLength=1,example=/run/secrets/chat-hook"`
	// What to send: level (of a metric), state (of a widget: open, closed, unavailable), stale (of a widget), source (a source fails, or rejects the key). Default: all of them.
	When []string `yaml:"when" jsonschema:"enum=level,enum=state,enum=stale,enum=source,example=level"`
	// The IDs of the widgets, and with them of their sources. Default: all.
	Widgets []string `yaml:"widgets" jsonschema:"minLength=1,example=support"`
	// How long a change must last before it is sent, up to 24h. waitboard doesn't send a shorter one.
	For time.Duration `yaml:"for" jsonschema:"default=0s,example=2m" min:"0s" max:"24h"`
	// The form of the message: JSON, or what an incoming webhook of Slack, a Teams workflow or a topic of ntfy accepts.
	Format string `yaml:"format" jsonschema:"default=json,enum=json,enum=slack,enum=teams,enum=ntfy"`
	// The name of the environment variable with the secret that signs messages: whsec_ and 24 to 64 bytes in base64. Default: waitboard signs no messages.
	SecretEnv string `yaml:"secret_env" jsonschema:"minLength=1,example=HOOK_SECRET"`
	// The file that holds that secret and nothing else, in place of secret_env.
	SecretFile string `yaml:"secret_file" jsonschema:"minLength=1,example=/run/secrets/hook-secret"`
	// Whether messages also hold exact values, the IDs of sources and why they fail. Otherwise they hold only what the public may see.
	Private bool `yaml:"private" jsonschema:"default=false"`
	// Whether the address may be private or loopback, and the URL may use http. waitboard always refuses link-local addresses, such as those of cloud metadata.
	AllowPrivate bool `yaml:"allow_private" jsonschema:"default=false"`
	// With environment, waitboard uses the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name. The proxy then looks up the address, and must check it. Default: no proxy.
	Proxy string `yaml:"proxy" jsonschema:"enum=environment,example=environment"`
}

// FileSource is a server to read from: one Chronicall or Xima CCaaS, with one key.
type FileSource struct {
	// The server's address, up to but not including /api/v1, without a key or password.
	URL string `yaml:"url" jsonschema:"required,minLength=1,example=https://chronicall.example.com:9080/rest"`
	// The name of the environment variable with the key. Either this or key_file is required.
	KeyEnv string `yaml:"key_env" jsonschema:"oneof_required=key_env,minLength=1,example=CHRONICALL_KEY"`
	// The file that holds the key and nothing else; a relative path starts at the folder of this file. Either this or key_env is required.
	KeyFile string `yaml:"key_file" jsonschema:"oneof_required=key_file,minLength=1,example=/run/secrets/chronicall"`
	// How values arrive. With poll, waitboard requests them at every interval. With subscribe, the server also pushes changes, and waitboard logs an error while the subscription is unavailable. With auto, the same happens without the error. Without a subscription the source is polled.
	Mode string `yaml:"mode" jsonschema:"default=auto,enum=auto,enum=poll,enum=subscribe"`
	// The time between two polls, from 100ms to 1h. While the subscription is active, polls are rarer: half of the shortest stale_after of its metrics apart, up to six intervals.
	Interval time.Duration `yaml:"interval" jsonschema:"default=10s,example=10s" min:"100ms" max:"1h"`
	// How long one request to the server may take, from 100ms to 1m.
	Timeout time.Duration `yaml:"timeout" jsonschema:"default=10s,example=10s" min:"100ms" max:"1m"`
	// A PEM file with certificates to trust in addition to the system's, for a server with a private or self-signed certificate; a relative path starts at the folder of this file.
	// A server's own certificate in it is accepted even without a Subject Alternative Name, as on old servers.
	CAFile string `yaml:"ca_file" jsonschema:"minLength=1,example=private-ca.pem"`
	// The host name or address in the server's certificate, where it is not that of url. Default: the host of url.
	ServerName string `yaml:"server_name" jsonschema:"minLength=1,example=chronicall.internal"`
	// The PEM file with the certificate that the server demands of its clients, followed by its chain; a relative path starts at the folder of this file. The service loads a renewed certificate while it runs. Needs client_key_file. Default: none.
	ClientCertFile string `yaml:"client_cert_file" jsonschema:"minLength=1,example=client.pem"`
	// The PEM file with the key of the certificate in client_cert_file, without a password.
	ClientKeyFile string `yaml:"client_key_file" jsonschema:"minLength=1,example=client-key.pem"`
}

// FileWidget is one widget to embed in web pages.
type FileWidget struct {
	// The heading that visitors see. Default: the widget's ID.
	Title string `yaml:"title" jsonschema:"minLength=1,maxLength=200,example=Customer support"`
	// An additional text for visitors, in one line. An operator's notice replaces it for a while. Default: none.
	Notice string `yaml:"notice" jsonschema:"minLength=1,maxLength=500,example=Calls may be recorded."`
	// Texts in place of notice at certain times, each with its own ID. The first one that is due counts. Default: none.
	Notices Entries[FileNotice] `yaml:"notices"`
	// The language of the texts that visitors read, as a BCP 47 tag. Default: that of defaults, or the locale of the file.
	Locale string `yaml:"locale" jsonschema:"minLength=1,example=pt-BR"`
	// The time zone of the times that visitors see, by its IANA name. Default: that of defaults or of the file, or else the one in hours, or UTC without hours.
	Timezone string `yaml:"timezone" jsonschema:"minLength=1,example=America/Denver"`
	// The web sites that may embed the widget, each as https://www.example.com or, for all names under one, https://*.example.com; * is any site. Default: those of defaults, or any site.
	Origins []string `yaml:"origins" jsonschema:"minLength=1,example=https://www.example.com"`
	// A value older than this is marked stale, from 100ms to 24h; at least the interval of the sources. Default: that of defaults, or 45s, or three intervals if that is longer.
	StaleAfter time.Duration `yaml:"stale_after" jsonschema:"example=45s" min:"100ms" max:"24h"`
	// A value older than this is not shown at all, from 100ms to 24h; at least stale_after. Default: that of defaults, or 5m, or three times stale_after if that is longer.
	HideAfter time.Duration `yaml:"hide_after" jsonschema:"example=5m" min:"100ms" max:"24h"`
	// When the widget is open. At other times it says that it is closed, and shows no values. Default: always.
	Hours *FileHours `yaml:"hours"`
	// Whether the widget is in the public list and on the page of all widgets. An unlisted widget is still served at its URL. Default: that of defaults, or true.
	Listed bool `yaml:"listed" jsonschema:"default=true"`
	// The values to show, in this order. Each has its own ID, with its settings under it.
	Metrics Entries[FileMetric] `yaml:"metrics" jsonschema:"required"`
}

// FileNotice is a text for visitors at certain times, by the clock of the widget's time zone.
type FileNotice struct {
	// The text, in one line.
	Text string `yaml:"text" jsonschema:"required,minLength=1,maxLength=500,example=We are closed on Monday."`
	// The first day, as 2026-12-20, or the minute at which it begins, as 2026-12-20T09:00. Default: no beginning.
	From string `yaml:"from" jsonschema:"minLength=1,example=2026-12-20"`
	// The last day, as 2026-12-24, or the minute at which it ends, as 2026-12-24T18:00. Default: no end.
	Until string `yaml:"until" jsonschema:"minLength=1,example=2026-12-24"`
	// The hours of the days of the week, as in mon: "08:00-10:00". Default: all the time between from and until.
	Weekly ByDay `yaml:"weekly"`
}

// FileMetric is one value of a widget.
type FileMetric struct {
	// The ID of the source to read from, in the same file or in the one that includes it. Required if there are several. Default: the only one of the same file, or else of the one that includes it.
	Source string `yaml:"source" jsonschema:"minLength=1,example=hq"`
	// The metric's ID or its exact name on the server. Required unless estimate is set.
	Metric string `yaml:"metric" jsonschema:"oneof_required=metric,oneof_type=string;integer,minLength=1,maxLength=300,example=Current Wait Time"`
	// The category values that count, such as groups or agents: one, a list, or the word all. Default: all.
	Category []string `yaml:"category" jsonschema:"minLength=1,maxLength=300,example=Support"`
	// How several values become one.
	Combine string `yaml:"combine" jsonschema:"default=max,enum=max,enum=min,enum=sum,enum=mean,enum=count"`
	// The text next to the value. Default: the metric's ID in this widget.
	Label string `yaml:"label" jsonschema:"minLength=1,maxLength=200,example=Current wait time"`
	// What visitors may see of the value, always judged by the exact value. All amounts of a metric are durations (30m), or all are numbers (20). Default: everything.
	Display FileDisplay `yaml:"display"`
	// The values at which the level becomes moderate or high; below them it is low. Default: no level.
	Levels *FileLevels `yaml:"levels"`
	// A link for visitors who do not want to wait, such as a request for a callback. Default: none.
	Link *FileLink `yaml:"link"`
	// Collects what visitors see, to publish what is typical of the hour: durations and numbers only. It needs data_dir and disk space, or cluster. Where few people call, a typical range can reveal how a company is staffed. Default: waitboard collects nothing.
	History *FileHistory `yaml:"history" jsonschema:"example={keep: 8w}"`
	// Shows how long a caller who calls now will probably wait, in place of metric. waitboard learns it from the metrics of one source. It needs data_dir or cluster. Where few people call, it can reveal how a company is staffed. Required unless metric is set.
	Estimate *FileEstimate `yaml:"estimate" jsonschema:"oneof_required=estimate,example={wait: {metric: Current Wait Time}\\, queue: {metric: Calls in Queue}}"`
}

// FileEstimate is what an estimate is learned from. display rounds its lower end down and its upper end up, without round to whole minutes. The upper end decides about levels. See docs/estimate.md.
type FileEstimate struct {
	// How long the first in line has waited: a duration that counts up by a second a second while somebody waits. Of several category values, the longest counts.
	Wait FileInput `yaml:"wait" jsonschema:"required,example={metric: Current Wait Time}"`
	// How many callers wait.
	Queue FileInput `yaml:"queue" jsonschema:"required,example={metric: Calls in Queue}"`
	// How many agents are ready. With it, visitors see whether they would be answered at once. Default: unknown.
	Agents *FileInput `yaml:"agents" jsonschema:"example={metric: Agents Ready}"`
	// The part of the callers who wait less than the range, and the part who wait no longer than its upper end, from 0 to 1. Default: [0.1, 0.8].
	Range Quantiles `yaml:"range" jsonschema:"minItems=2,maxItems=2,example=[0.1\\, 0.8]"`
	// Whether snapshots include how true the estimate was.
	PublishScore bool `yaml:"publish_score" jsonschema:"default=false"`
}

// FileInput is a metric that an estimate reads.
type FileInput struct {
	// The metric's ID or its exact name on the server.
	Metric string `yaml:"metric" jsonschema:"required,oneof_type=string;integer,minLength=1,maxLength=300,example=Calls in Queue"`
	// The category values that count: one, a list, or the word all. Default: all.
	Category []string `yaml:"category" jsonschema:"minLength=1,maxLength=300,example=Support"`
	// How several values become one; count is the number of values, or of those that are true. Default: max for wait, sum for queue and agents.
	Combine string `yaml:"combine" jsonschema:"enum=max,enum=sum,enum=count,example=sum"`
}

// FileHistory is how a metric collects its history.
type FileHistory struct {
	// How long, from 1w to 52w. Older weeks count less: half as much after four weeks.
	Keep time.Duration `yaml:"keep" jsonschema:"required,example=8w" min:"1w" max:"52w"`
	// On how many dates waitboard must have seen an hour of the week before it publishes the typical range.
	MinWeeks int `yaml:"min_weeks" jsonschema:"default=3,minimum=1,maximum=52,example=3"`
	// The part of the time in which the value was lower than the typical range.
	Low float64 `yaml:"low" jsonschema:"default=0.25,minimum=0,maximum=1,example=0.25"`
	// The part of the time in which the value was not higher than the typical range; more than low.
	High float64 `yaml:"high" jsonschema:"default=0.8,minimum=0,maximum=1,example=0.8"`
	// Whether widgets show the typical range, named as such, while there is no value to show.
	WhenUnavailable string `yaml:"when_unavailable" jsonschema:"default=hide,enum=hide,enum=show"`
}

// FileDisplay is what visitors may see of a value.
type FileDisplay struct {
	// A multiple of this instead of the exact value: the next one up, or by mode if it is written as {to: 1m, mode: nearest}.
	Round Short[FileRound] `yaml:"round"`
	// A value less than this shows only as such: under 1 minute.
	Below Amount `yaml:"below" jsonschema:"example=1m"`
	// A value of this or more shows only as such: over 30 minutes, also at exactly 30.
	Above Amount `yaml:"above" jsonschema:"example=30m"`
	// Only the range that holds the value shows, out of those between these rising amounts. It can't be combined with round, below and above.
	Buckets []Amount `yaml:"buckets"`
	// Whether zero is hidden.
	HideZero bool `yaml:"hide_zero" jsonschema:"default=false"`
	// How many digits after the point a number may have, from 0 to 3, as a mean does. Not for durations. Default: all of them, though one in text.
	Decimals *int `yaml:"decimals" jsonschema:"minimum=0,maximum=3,example=1"`
	// Hysteresis: small changes do not flip the shown value between two neighboring steps of round or buckets. It is never wrong by more than one step. Written as a time alone, as in 30s, or in full, as {least: 30s, share: 0.25}.
	Hold *Short[FileHold] `yaml:"hold"`
}

// FileHold is the hysteresis of a shown value.
type FileHold struct {
	// How long a shown step stays before a neighboring one replaces it, up to 10m.
	Least time.Duration `yaml:"least" jsonschema:"default=0s,example=30s" min:"0s" max:"10m"`
	// How far into the next step a value must be before that step shows, as a share of the step's width, from 0 to 0.5.
	Share float64 `yaml:"share" jsonschema:"default=0.25,minimum=0,maximum=0.5,example=0.25"`
}

// FileRound is how a value is rounded.
type FileRound struct {
	// The step: values become multiples of it.
	To Amount `yaml:"to" jsonschema:"required,example=1m"`
	// The direction. A multiple of the step stays as it is.
	Mode string `yaml:"mode" jsonschema:"default=up,enum=up,enum=down,enum=nearest"`
}

// FileLevels holds the values at which levels start.
type FileLevels struct {
	// This or more is moderate. Required unless high is set.
	Moderate Amount `yaml:"moderate" jsonschema:"anyof_required=moderate,example=5m"`
	// This or more is high; more than moderate. Required unless moderate is set.
	High Amount `yaml:"high" jsonschema:"anyof_required=high,example=15m"`
}

// FileLink is a link next to a value.
type FileLink struct {
	// The first level that shows it. moderate and high must be set in levels; low shows it with every value.
	When string `yaml:"when" jsonschema:"default=low,enum=low,enum=moderate,enum=high"`
	// The text of the link.
	Label string `yaml:"label" jsonschema:"required,minLength=1,maxLength=200,example=Request a callback"`
	// The address of the link, with https, http, tel or mailto.
	URL string `yaml:"url" jsonschema:"required,minLength=1,maxLength=2000,example=https://www.example.com/callback"`
}

// FileHours is when a widget is open, by the clock of its time zone.
type FileHours struct {
	// The time zone by its IANA name. Required unless the widget, defaults or the file has a timezone. Default: that of the widget, defaults or the file.
	Timezone string `yaml:"timezone" jsonschema:"minLength=1,example=America/Denver"`
	// The hours of the days of the week, as in mon-fri: "08:00-12:00, 13:00-17:00". A key is a day (mon or monday), a range (mon-fri), a list ("mon, wed, fri") or daily. An end before or at its start is in the next day. A day without a key is closed. Required unless open is set.
	Weekly ByDay `yaml:"weekly" jsonschema:"anyof_required=weekly"`
	// The days without hours, each as 2026-12-25 or, for several, 2026-12-24..2027-01-01.
	Closed []string `yaml:"closed" jsonschema:"minLength=1,example=2026-12-25"`
	// The dates with their own hours, as in 2026-12-24: "09:00-12:00". They replace weekly and closed. Required unless weekly is set.
	Open ByDate `yaml:"open" jsonschema:"anyof_required=open"`
}
