package io.litetopic.proxy.rocketmq;

import org.apache.rocketmq.acl.common.AclClientRPCHook;
import org.apache.rocketmq.acl.common.AclUtils;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.auth.config.AuthConfig;
import org.apache.rocketmq.common.MixAll;
import org.apache.rocketmq.proxy.ProxyMode;
import org.apache.rocketmq.proxy.config.ProxyConfig;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.remoting.protocol.RemotingSerializable;
import org.jspecify.annotations.Nullable;

/**
 * Which credentials the proxy uses towards brokers. In cluster mode the switch {@code enableAclRpcHookForClusterMode} decides,
 * and the sources are the proxy's: {@code innerClientAuthenticationCredentials}, else {@code conf/tools.yml}. In local mode the
 * proxy calls its broker without the network and needs none, but the plugin does not, so the inner credentials are used if there
 * are any.
 */
final class ProxyCredentials {
    private ProxyCredentials() {}

    static @Nullable RPCHook rpcHook(ProxyConfig config, @Nullable AuthConfig authConfig) {
        boolean local = ProxyMode.isLocalMode(config.getProxyMode());
        if (!local && !config.isEnableAclRpcHookForClusterMode()) {
            return null;
        }
        String credentials = authConfig == null ? null : authConfig.getInnerClientAuthenticationCredentials();
        if (credentials == null || credentials.trim().isEmpty()) {
            return local ? null : AclUtils.getAclRPCHook(home() + MixAll.ACL_CONF_TOOLS_FILE);
        }
        SessionCredentials parsed = RemotingSerializable.fromJson(credentials, SessionCredentials.class);
        return isBlank(parsed.getAccessKey()) || isBlank(parsed.getSecretKey()) ? null : new AclClientRPCHook(parsed);
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.trim().isEmpty();
    }

    private static @Nullable String home() {
        return System.getProperty(MixAll.ROCKETMQ_HOME_PROPERTY, System.getenv(MixAll.ROCKETMQ_HOME_ENV));
    }
}
