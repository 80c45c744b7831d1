package config

import "time"

// The types below are the configuration file as it is written. They are the one description of it: the decoder reads their tags, and
// schemagen makes docs/waitboard.schema.json, which editors show to whoever writes a file, and the tables in docs/configuration.md from
// the same tags and comments. They are exported for schemagen only; everyone else wants Config.
//
// A default that depends on something stands at the end of the comment, as in "Default: the widget's ID."
//
// The tag jsonschema holds what JSON Schema has a word for (required, default, enum, minLength, maxLength, minimum, maximum, example), min and max are the
// limits of a duration.

// File is a waitboard configuration file.
type File struct {
	// The address of the public service, as host:port.
	Listen string `yaml:"listen" jsonschema:"default=127.0.0.1:8080,minLength=1,example=0.0.0.0:8080"`
	// The address of the operators' pages (metrics, profiles, dashboard), as host:port. Empty text turns them off. Keep it private.
	Admin string `yaml:"admin" jsonschema:"default=127.0.0.1:9090,example=127.0.0.1:9090"`
	// The name of the environment variable that holds the token that operators must show, at least 16 characters. Needed unless admin is a loopback address.
	AdminTokenEnv string `yaml:"admin_token_env" jsonschema:"minLength=1,example=WAITBOARD_ADMIN_TOKEN"`
	// Where visitors reach the public service, when a proxy stands before it. Default: the first host name in tls.auto, or else the address in listen.
	PublicURL string `yaml:"public_url" jsonschema:"minLength=1,example=https://wait.example.com"`
	// How the public service is encrypted, for one that no proxy with TLS stands before. Default: not at all.
	TLS *FileTLS `yaml:"tls" jsonschema:"example={cert_file: fullchain.pem\\, key_file: privkey.pem}"`
	// Whether the public service takes HTTP/2 without TLS, as some proxies speak it to what is behind them. With tls HTTP/2 is there anyway.
	H2C bool `yaml:"h2c" jsonschema:"default=false"`
	// Whether the public service has a page at / with all listed widgets and the HTML to paste. Without it they are served all the same, and stand in the public list.
	Gallery bool `yaml:"gallery" jsonschema:"default=true"`
	// The folder for what must survive a restart: operators' notices, and the last values of the sources, which are shown again, as old as they are, until the sources answer (names of upstream are kept as hashes only, values that are text as they are); a relative path starts at the folder of this file. It is created if the folder above it is there. Default: nothing is kept.
	DataDir string `yaml:"data_dir" jsonschema:"minLength=1,example=/var/lib/waitboard"`
	// The language of all texts that visitors read, as a BCP 47 tag; a widget may have another. Supported are en, es, fr, de, pt-BR, it, nl, pl, ar, he, ja and zh-Hans, and their regional forms such as de-AT.
	Locale string `yaml:"locale" jsonschema:"default=en,minLength=1,example=de"`
	// The time zone in which times are shown to visitors, by its IANA name; defaults, and a widget, may have another. Default: for each widget the one in its hours, or UTC without hours.
	Timezone string `yaml:"timezone" jsonschema:"minLength=1,example=Europe/Zurich"`
	// Phrases in place of those that visitors read otherwise, by language and key, as in {en: {closed: We are closed.}}. Where a phrase depends on a number, either one text for all numbers or one for each plural category of the language.
	Phrases Phrases `yaml:"phrases"`
	// How many requests each visitor's address may make. Default: 600 in 1m, without a limit for loopback, private and link-local addresses, behind which a proxy is likely to be; a limit that is written holds for all addresses.
	RateLimit *FileRateLimit `yaml:"rate_limit" jsonschema:"example={requests: 600}"`
	// How many streams of events there may be. Default: 10000 in all; 20 of one address, without a limit for loopback, private and link-local ones as in rate_limit.
	Events *FileEvents `yaml:"events" jsonschema:"example={max: 10000}"`
	// The proxies before the public service, each as an address or a range. From these alone X-Forwarded-For is believed. Default: none.
	TrustedProxies []string `yaml:"trusted_proxies" jsonschema:"minLength=1,example=10.0.0.0/8"`
	// Further files with sources and widgets, each as a path or as a pattern such as clients/*.yaml; a relative path starts at the folder of this file. A mistake in one of them leaves its sources and widgets as they were, and all others untouched. Default: none.
	Include []string `yaml:"include" jsonschema:"anyof_required=include,minLength=1,example=clients/*.yaml"`
	// Settings for all widgets, those of included files too. A widget's own setting replaces them. Default: none.
	Defaults *FileDefaults `yaml:"defaults" jsonschema:"example={stale_after: 1m}"`
	// The servers to read from. Each has an ID of its own, with its settings under it. Needed unless include is given.
	Sources Entries[FileSource] `yaml:"sources" jsonschema:"anyof_required=here"`
	// What can be embedded. Each has an ID of its own, which is part of its address, with its settings under it. Needed unless include is given.
	Widgets Entries[FileWidget] `yaml:"widgets" jsonschema:"anyof_required=here"`
}

// FileIncluded is a file that the configuration file includes. Whatever else a configuration file holds is refused in it.
type FileIncluded struct {
	// As in the configuration file.
	Sources Entries[FileSource] `yaml:"sources"`
	// As in the configuration file.
	Widgets Entries[FileWidget] `yaml:"widgets"`
}

// FileDefaults holds settings for all widgets.
type FileDefaults struct {
	// Whether widgets stand in the public list and on the page of all widgets.
	Listed bool `yaml:"listed" jsonschema:"default=true"`
	// The web sites that may embed a widget without origins of its own; those of a widget replace them, and are not added. Default: any site.
	Origins []string `yaml:"origins" jsonschema:"minLength=1,example=https://www.example.com"`
	// A value older than this is marked stale, from 100ms to 24h; at least the interval of the sources. Default: 45s, or three intervals if that is longer.
	StaleAfter time.Duration `yaml:"stale_after" jsonschema:"example=45s" min:"100ms" max:"24h"`
	// A value older than this is not shown at all, from 100ms to 24h; at least stale_after. Default: 5m, or three times stale_after if that is longer.
	HideAfter time.Duration `yaml:"hide_after" jsonschema:"example=5m" min:"100ms" max:"24h"`
	// The language of the texts that visitors read, as a BCP 47 tag. Default: the locale of the file.
	Locale string `yaml:"locale" jsonschema:"minLength=1,example=pt-BR"`
	// The time zone in which times are shown, by its IANA name. Default: the timezone of the file.
	Timezone string `yaml:"timezone" jsonschema:"minLength=1,example=Europe/Zurich"`
}

// FileRateLimit is how many requests each visitor's address may make to the public service. An IPv6 address counts together with all others of its /64.
type FileRateLimit struct {
	// How many at once, up to 10000; they come back evenly. 0 turns the limit off.
	Requests int `yaml:"requests" jsonschema:"required,minimum=0,maximum=10000,example=600"`
	// The time in which all of them come back, in whole seconds, from 1s to 1h.
	Per time.Duration `yaml:"per" jsonschema:"default=1m,example=1m" min:"1s" max:"1h"`
}

// FileEvents is how many streams of events the public service may hold at once. Each needs one of the process's file descriptors.
type FileEvents struct {
	// How many in all, up to 1000000. 0 turns them off.
	Max int `yaml:"max" jsonschema:"default=10000,minimum=0,maximum=1000000,example=10000"`
	// How many of one address, from 1 to 1000000; an IPv6 address counts together with all others of its /64. One that is written holds for private addresses too. Default: 20.
	MaxPerAddress int `yaml:"max_per_address" jsonschema:"minimum=1,maximum=1000000,example=20"`
	// How many that follow one widget, from 1 to 1000000. Default: as many as there may be in all.
	MaxPerWidget int `yaml:"max_per_widget" jsonschema:"minimum=1,maximum=1000000,example=5000"`
}

// FileTLS is how the public service is encrypted: with a certificate from files, or with certificates that it gets by itself.
type FileTLS struct {
	// The PEM file with the certificate, and behind it those that lead to its authority; a relative path starts at the folder of this file. A renewed one is taken over while the service runs. Either this or auto is needed.
	CertFile string `yaml:"cert_file" jsonschema:"oneof_required=files,minLength=1,example=/etc/waitboard/fullchain.pem"`
	// The PEM file with the certificate's key, without a password.
	KeyFile string `yaml:"key_file" jsonschema:"oneof_required=files,minLength=1,example=/etc/waitboard/privkey.pem"`
	// The host names to get certificates for from an authority that speaks ACME, which means agreeing to its terms. Visitors, and the authority, must reach the service at port 443 of these names; data_dir is needed. Either this or cert_file is needed.
	Auto []string `yaml:"auto" jsonschema:"oneof_required=auto,minLength=1,example=wait.example.com"`
	// Where the authority writes to when something is wrong with a certificate. Default: nowhere.
	Email string `yaml:"email" jsonschema:"minLength=1,example=ops@example.com"`
	// The authority's ACME directory.
	Directory string `yaml:"directory" jsonschema:"default=https://acme-v02.api.letsencrypt.org/directory,minLength=1,example=https://acme-v02.api.letsencrypt.org/directory"`
	// A PEM file with the certificates to trust besides the system's when asking at directory, for a private authority; a relative path starts at the folder of this file.
	DirectoryCAFile string `yaml:"directory_ca_file" jsonschema:"minLength=1,example=private-ca.pem"`
}

// FileSource is a server to read from: one Chronicall or Xima CCaaS, with one key.
type FileSource struct {
	// The server's address, up to but not including /api/v1. No key or password may stand in it.
	URL string `yaml:"url" jsonschema:"required,minLength=1,example=https://chronicall.example.com:9080/rest"`
	// The name of the environment variable that holds the key. Either this or key_file is needed.
	KeyEnv string `yaml:"key_env" jsonschema:"oneof_required=key_env,minLength=1,example=CHRONICALL_KEY"`
	// The file that holds the key and nothing else; a relative path starts at the folder of this file. Either this or key_env is needed.
	KeyFile string `yaml:"key_file" jsonschema:"oneof_required=key_file,minLength=1,example=/run/secrets/chronicall"`
	// How values are fetched: poll asks at every interval; subscribe has the server tell of each change as it happens, and says so loudly in the log while it does not; auto does the same without a fuss. Where the server tells of no changes, it is polled.
	Mode string `yaml:"mode" jsonschema:"default=auto,enum=auto,enum=poll,enum=subscribe"`
	// The time between two polls, from 100ms to 1h. While the server tells of changes there are fewer: half of the shortest stale_after of its metrics apart, up to six intervals.
	Interval time.Duration `yaml:"interval" jsonschema:"default=10s,example=10s" min:"100ms" max:"1h"`
	// How long one request to the server may take, from 100ms to 1m.
	Timeout time.Duration `yaml:"timeout" jsonschema:"default=10s,example=10s" min:"100ms" max:"1m"`
	// A PEM file with the certificates to trust besides the system's, for a server with a private or self-signed certificate; a relative path starts at the folder of this file.
	CAFile string `yaml:"ca_file" jsonschema:"minLength=1,example=private-ca.pem"`
}

// FileWidget is one thing to embed in web pages.
type FileWidget struct {
	// The heading that visitors see. Default: the widget's ID.
	Title string `yaml:"title" jsonschema:"minLength=1,maxLength=200,example=Customer support"`
	// What visitors are told besides, in one line. An operator's notice takes its place for a while. Default: nothing.
	Notice string `yaml:"notice" jsonschema:"minLength=1,maxLength=500,example=Calls may be recorded."`
	// The language of the texts that visitors read, as a BCP 47 tag. Default: that of defaults, or the locale of the file.
	Locale string `yaml:"locale" jsonschema:"minLength=1,example=pt-BR"`
	// The time zone in which times are shown, by its IANA name. Default: that of defaults or of the file, or else the one in hours, or UTC without hours.
	Timezone string `yaml:"timezone" jsonschema:"minLength=1,example=America/Denver"`
	// The web sites that may embed the widget, each as https://www.example.com or, for all names under one, https://*.example.com; * is any site. Default: those of defaults, or any site.
	Origins []string `yaml:"origins" jsonschema:"minLength=1,example=https://www.example.com"`
	// A value older than this is marked stale, from 100ms to 24h; at least the interval of the sources. Default: that of defaults, or 45s, or three intervals if that is longer.
	StaleAfter time.Duration `yaml:"stale_after" jsonschema:"example=45s" min:"100ms" max:"24h"`
	// A value older than this is not shown at all, from 100ms to 24h; at least stale_after. Default: that of defaults, or 5m, or three times stale_after if that is longer.
	HideAfter time.Duration `yaml:"hide_after" jsonschema:"example=5m" min:"100ms" max:"24h"`
	// When the widget is open. At other times it says that it is closed, and shows no values. Default: always.
	Hours *FileHours `yaml:"hours"`
	// Whether the widget stands in the public list and on the page of all widgets. One that does not is served all the same to whoever knows its ID. Default: that of defaults, or true.
	Listed bool `yaml:"listed" jsonschema:"default=true"`
	// The values to show, in this order. Each has an ID of its own, with its settings under it.
	Metrics Entries[FileMetric] `yaml:"metrics" jsonschema:"required"`
}

// FileMetric is one value of a widget.
type FileMetric struct {
	// The ID of the source to read from, in the same file or in the one that includes it; needed when there are several. Default: the only one of the same file, or else of the one that includes it.
	Source string `yaml:"source" jsonschema:"minLength=1,example=hq"`
	// The metric's ID or its exact name on the server.
	Metric string `yaml:"metric" jsonschema:"required,oneof_type=string;integer,minLength=1,maxLength=300,example=Current Wait Time"`
	// Which category values count, such as groups or agents: one, a list, or the word all. Default: all.
	Category []string `yaml:"category" jsonschema:"minLength=1,maxLength=300,example=Support"`
	// What to show of several values.
	Combine string `yaml:"combine" jsonschema:"default=max,enum=max,enum=min,enum=sum,enum=mean,enum=count"`
	// What visitors read beside the value. Default: the metric's ID in this widget.
	Label string `yaml:"label" jsonschema:"minLength=1,maxLength=200,example=Current wait time"`
	// What visitors may see of the value, always judged on the exact value. Default: all of it. The amounts of one metric are either durations (30m) or numbers (20).
	Display FileDisplay `yaml:"display"`
	// From which value on the level is moderate or high; below that it is low. Default: no level.
	Levels *FileLevels `yaml:"levels"`
	// What visitors can do instead of waiting, such as asking for a callback. Default: nothing.
	Link *FileLink `yaml:"link"`
}

// FileDisplay is what visitors may see of a value.
type FileDisplay struct {
	// A multiple of this instead of the exact value: the next one up, or as mode says when it is written as {to: 1m, mode: nearest}.
	Round Short[FileRound] `yaml:"round"`
	// What is less than this shows only as that: under 1 minute.
	Below Amount `yaml:"below" jsonschema:"example=1m"`
	// This or more shows only as that: 30 minutes or more.
	Above Amount `yaml:"above" jsonschema:"example=30m"`
	// Only the span that holds the value, out of those between these amounts, each more than the one before. It stands without round, below and above.
	Buckets []Amount `yaml:"buckets"`
	// Whether zero is hidden.
	HideZero bool `yaml:"hide_zero" jsonschema:"default=false"`
	// How many digits after the point a number may have, from 0 to 3, as a mean does. Not for durations. Default: all of them, though one in text.
	Decimals *int `yaml:"decimals" jsonschema:"minimum=0,maximum=3,example=1"`
	// Steadiness: what is shown does not flip between two neighbouring steps of round or buckets on noise, and is never wrong by more than one step. Written as a time alone, as in 30s, or in full, as {least: 30s, share: 0.25}.
	Hold *Short[FileHold] `yaml:"hold"`
}

// FileHold is how steady a value is shown.
type FileHold struct {
	// How long what is shown stays at least before it goes to a neighbouring step, up to 10m.
	Least time.Duration `yaml:"least" jsonschema:"default=0s,example=30s" min:"0s" max:"10m"`
	// How far into the next step a value must be before that is shown, as a share of the step's width, from 0 to 0.5.
	Share float64 `yaml:"share" jsonschema:"default=0.25,minimum=0,maximum=0.5,example=0.25"`
}

// FileRound is how a value is rounded.
type FileRound struct {
	// To a multiple of this.
	To Amount `yaml:"to" jsonschema:"required,example=1m"`
	// In which direction. A value that is a multiple already stays as it is.
	Mode string `yaml:"mode" jsonschema:"default=up,enum=up,enum=down,enum=nearest"`
}

// FileLevels is from which value on a level is reached.
type FileLevels struct {
	// This or more is moderate. Needed unless high is given.
	Moderate Amount `yaml:"moderate" jsonschema:"anyof_required=moderate,example=5m"`
	// This or more is high; more than moderate. Needed unless moderate is given.
	High Amount `yaml:"high" jsonschema:"anyof_required=high,example=15m"`
}

// FileLink is a link beside a value.
type FileLink struct {
	// From which level on it is shown: moderate and high must be set in levels, low is whenever there is a value.
	When string `yaml:"when" jsonschema:"default=low,enum=low,enum=moderate,enum=high"`
	// What visitors read.
	Label string `yaml:"label" jsonschema:"required,minLength=1,maxLength=200,example=Request a callback"`
	// Where it leads, with https, http, tel or mailto.
	URL string `yaml:"url" jsonschema:"required,minLength=1,maxLength=2000,example=https://www.example.com/callback"`
}

// FileHours is when a widget is open, by the clock of its time zone.
type FileHours struct {
	// The time zone by its IANA name. Needed unless the widget, defaults or the file has a timezone. Default: that one.
	Timezone string `yaml:"timezone" jsonschema:"minLength=1,example=America/Denver"`
	// The hours of the days of the week, as in mon-fri: "08:00-12:00, 13:00-17:00". A key is a day (mon or monday), a range (mon-fri), a list ("mon, wed, fri") or daily. An end that is not after its start is in the next day. A day that is not named is closed. Needed unless open is given.
	Weekly ByDay `yaml:"weekly" jsonschema:"anyof_required=weekly"`
	// The days without hours, each as 2026-12-25 or, for several, 2026-12-24..2027-01-01.
	Closed []string `yaml:"closed" jsonschema:"minLength=1,example=2026-12-25"`
	// The days with hours of their own instead of those in weekly, as in 2026-12-24: "09:00-12:00". They count even on a day that is closed. Needed unless weekly is given.
	Open ByDate `yaml:"open" jsonschema:"anyof_required=open"`
}
