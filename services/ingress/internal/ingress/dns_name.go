package ingress

import "strings"

// plainName returns a DNS name in lower case, without the final dot, and with a plain asterisk. Route 53
// returns names with a final dot, and an asterisk as octal code.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
func plainName(name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return strings.Replace(name, `\052`, "*", 1)
}

// namesAbove returns the names of the possible parent zones of name, the closest first. It omits top-level
// domains and the root.
func namesAbove(name string) []string {
	var names []string
	for _, above, found := strings.Cut(name, "."); found && strings.Contains(above, "."); _, above, found = strings.Cut(above, ".") {
		names = append(names, above)
	}
	return names
}
