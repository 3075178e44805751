package compute_test

import (
	"encoding/base64"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"
)

// bootText is the complete user data of a node.
const bootText = `#cloud-config
write_files:
- content: |
    apiHost: api.orchid.example.com:443
    cluster: orchiduid1
    kubernetesVersion: "1.35"
    labels:
      tier: general
    pool: workers
    role: node
  path: /etc/skep/node.yaml
  permissions: "0644"
`

func TestUserDataOfANodeHoldsItsRoleAndNoSecret(t *testing.T) {
	withPool(t, map[string]string{"tier": "general"}, func(t *testing.T, p *runningPool) {
		out, err := p.aws.DescribeLaunchTemplateVersions(t.Context(), &ec2.DescribeLaunchTemplateVersionsInput{
			LaunchTemplateName: aws.String(groupName), Versions: []string{"1"},
		})
		require.NoError(t, err)
		data := out.LaunchTemplateVersions[0].LaunchTemplateData
		text, err := base64.StdEncoding.DecodeString(aws.ToString(data.UserData))
		require.NoError(t, err)
		require.Equal(t, bootText, string(text))
		require.Equal(t, types.LaunchTemplateHttpTokensStateRequired, data.MetadataOptions.HttpTokens)
		require.True(t, aws.ToBool(data.BlockDeviceMappings[0].Ebs.Encrypted))
	})
}
