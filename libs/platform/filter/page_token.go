package filter

import (
	"go.einride.tech/aip/pagination"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// PageToken says where a page of a list begins (AIP-158). It holds the last key
// of the page before rather than a count, so that what comes and goes between two
// pages makes none of the rest appear twice or not at all.
type PageToken struct {
	// After is the key that the page follows; empty on the first page.
	After string
	// Checksum is of the request without its page size and page token.
	Checksum uint32
}

// ParsePageToken reads the page token of a list request; one without a token asks
// for the first page. A token that was made for another parent or filter, or that
// is no token at all, is a fault on the field "page_token".
func ParsePageToken(request pagination.Request) (PageToken, error) {
	checksum, err := pagination.CalculateRequestChecksum(request)
	if err != nil {
		return PageToken{}, err
	}
	if request.GetPageToken() == "" {
		return PageToken{Checksum: checksum}, nil
	}
	var token PageToken
	if err := pagination.DecodePageTokenStruct(request.GetPageToken(), &token); err != nil || token.After == "" {
		return PageToken{}, invalidPageToken("is not a token that a list has returned")
	}
	if token.Checksum != checksum {
		return PageToken{}, invalidPageToken("belongs to another list: keep every field but page_size as it was, or start at the first page")
	}
	return token, nil
}

// Next returns the token of the page that follows the key last.
func (t PageToken) Next(last string) string {
	return pagination.EncodePageTokenStruct(PageToken{After: last, Checksum: t.Checksum})
}

func invalidPageToken(message string) error {
	return fault.InvalidFields(fault.Field{Path: "page_token", Message: message})
}
