package aws

// principalARN is how AWS writes who called.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
func principalARN(account, principal string) string {
	if principal == root {
		return "arn:aws:iam::" + account + ":root"
	}
	return "arn:aws:sts::" + account + ":assumed-role/" + principal
}
