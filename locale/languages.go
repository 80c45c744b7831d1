package locale

import "slices"

// supported lists the tags of the catalogs. The others are translated from the first.
var supported = []string{"en", "es", "fr", "de", "pt-BR", "it", "nl", "pl", "ar", "he", "ja", "zh-Hans"}

// Supported returns the tags of the supported languages, English first. The caller owns the slice.
func Supported() []string { return slices.Clone(supported) }

// names maps languages to their own names for themselves.
var names = map[string]string{
	"en": "English", "es": "Español", "fr": "Français", "de": "Deutsch", "pt-BR": "Português (Brasil)", "it": "Italiano",
	"nl": "Nederlands", "pl": "Polski", "ar": "العربية", "he": "עברית", "ja": "日本語", "zh-Hans": "简体中文",
}

// Name returns the own name of one of Supported.
func Name(tag string) string { return names[tag] }
