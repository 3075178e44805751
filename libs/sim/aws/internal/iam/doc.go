// Package iam is IAM: roles, their policies and instance profiles.
//
// It stores policies and does not evaluate them. EC2 knows a new instance profile only after a while. Only packages
// below libs/sim/aws may import it; it imports no other service.
package iam
