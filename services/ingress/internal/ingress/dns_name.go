package ingress

import "strings"

// plainName is a DNS name as people write it. Route 53 answers in small letters,
// with a dot at the end and with an asterisk as its octal code.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
func plainName(name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return strings.Replace(name, `\052`, "*", 1)
}

// namesAbove are the names that a zone of this name may be delegated from, the
// closest first. A zone of the root or of a top-level domain is nobody's.
func namesAbove(name string) []string {
	var names []string
	for _, above, found := strings.Cut(name, "."); found && strings.Contains(above, "."); _, above, found = strings.Cut(above, ".") {
		names = append(names, above)
	}
	return names
}
