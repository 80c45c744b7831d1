package locale

// names are what the languages are called by those who speak them.
var names = map[string]string{
	"en": "English", "es": "Español", "fr": "Français", "de": "Deutsch", "pt-BR": "Português (Brasil)", "it": "Italiano",
	"nl": "Nederlands", "pl": "Polski", "ar": "العربية", "he": "עברית", "ja": "日本語", "zh-Hans": "简体中文",
}

// Name is what one of Supported is called by those who speak it.
func Name(tag string) string { return names[tag] }
