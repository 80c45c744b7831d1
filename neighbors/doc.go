// Package neighbors tests the service together with software that stands next to it in production: caching proxies and content management systems.
// It has tests only, which run at ./test.sh --full.
package neighbors
