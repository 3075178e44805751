package moto

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// nobody is an id that nothing has.
const nobody = "nat-00000000000000000"

// findByTag asks for the NAT gateways that have the tags of a query by their ids,
// beside whatever else it asks for. A query without tags stays as it is.
func findByTag(asked url.Values, ask func(url.Values) []byte) bool {
	var tagged [][]string
	for n := 1; asked.Has(filter(n) + "Name"); n++ {
		if key, ok := strings.CutPrefix(asked.Get(filter(n)+"Name"), "tag:"); ok {
			tagged = append(tagged, haveTag(asked, ask, key, filter(n)))
		}
	}
	if len(tagged) == 0 {
		return false
	}
	ids := slices.DeleteFunc(tagged[0], func(id string) bool {
		return slices.ContainsFunc(tagged[1:], func(others []string) bool { return !slices.Contains(others, id) })
	})
	for i, id := range append(ids, nobody) {
		asked.Set("NatGatewayId."+strconv.Itoa(i+1), id)
	}
	return true
}

// haveTag are the NAT gateways that have a tag with one of the values of a filter.
func haveTag(asked url.Values, ask func(url.Values) []byte, key, filter string) []string {
	query := url.Values{
		"Action": {"DescribeTags"}, "Filter.1.Name": {"key"}, "Filter.1.Value.1": {key}, "Filter.2.Name": {"value"},
	}
	for field, values := range asked {
		if value, ok := strings.CutPrefix(field, filter+"Value."); ok {
			query["Filter.2.Value."+value] = values
		}
	}
	var found struct {
		IDs []string `xml:"tagSet>item>resourceId"`
	}
	read(asked, ask, &found, query)
	return found.IDs
}

// filter is what the fields of a query's n-th filter begin with.
func filter(n int) string { return "Filter." + strconv.Itoa(n) + "." }
