package rest

import (
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// requireUTF8 refuses a request whose URL is not UTF-8. A gRPC message cannot carry such a
// string, and the failure would be reported as an internal error.
func requireUTF8(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, err := url.QueryUnescape(r.URL.RawQuery)
		if err != nil || !utf8.ValidString(query) || !utf8.ValidString(r.URL.Path) {
			write(w, fault.Invalidf("the URL is not percent-encoded UTF-8"), http.StatusBadRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
