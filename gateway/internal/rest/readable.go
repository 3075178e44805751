package rest

import (
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// readable refuses a request whose address is no text: no message of gRPC could
// carry it, and the failure would look like one of our own.
func readable(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, err := url.QueryUnescape(r.URL.RawQuery)
		if err != nil || !utf8.ValidString(query) || !utf8.ValidString(r.URL.Path) {
			write(w, fault.Invalidf("the address is not UTF-8 text in percent-encoding"), http.StatusBadRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
