package filter

import (
	"go.einride.tech/aip/pagination"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// PageToken is the position of a page in a list (AIP-158). It contains the last key of the previous page instead of a
// count: objects that are created or deleted between two pages then cause neither duplicates nor gaps.
type PageToken struct {
	// After is the key before the page; empty on the first page.
	After string
	// Checksum is the checksum of the request without its page size and page token.
	Checksum uint32
}

// ParsePageToken returns the page token of a list request. A request without a token gets the first page. A token of
// another parent or filter, and an invalid token, is a fault on the field "page_token".
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
		return PageToken{}, invalidPageToken("is not a page token of this API")
	}
	if token.Checksum != checksum {
		return PageToken{}, invalidPageToken("belongs to another request: change no field except page_size, or start with the first page")
	}
	return token, nil
}

// Next returns the token of the page after the key last.
func (t PageToken) Next(last string) string {
	return pagination.EncodePageTokenStruct(PageToken{After: last, Checksum: t.Checksum})
}

func invalidPageToken(message string) error {
	return fault.InvalidFields(fault.Field{Path: "page_token", Message: message})
}
