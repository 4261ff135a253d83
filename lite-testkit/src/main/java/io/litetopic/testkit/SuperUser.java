package io.litetopic.testkit;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The user that a cluster with access control starts with, and that its own parts act as. */
record SuperUser(String accessKey, String secretKey) {
    private static final Pattern LEGAL = Pattern.compile("[A-Za-z0-9_-]{3,64}");

    SuperUser {
        requireLegal("access key", accessKey);
        requireLegal("secret key", secretKey);
    }

    private static void requireLegal(String what, String value) {
        if (!LEGAL.matcher(value).matches()) {
            throw new IllegalArgumentException("the " + what
                    + " of the super user must have 3 to 64 letters, digits, '-'" + " or '_', but is '" + value + "'");
        }
    }

    /** The value of the header {@code authorization} of a gRPC request whose {@code x-mq-date-time} is {@code dateTime}. */
    String authorization(String dateTime) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(secretKey.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
            byte[] signature = mac.doFinal(dateTime.getBytes(StandardCharsets.UTF_8));
            return "MQv2-HMAC-SHA1 Credential=" + accessKey + ", SignedHeaders=x-mq-date-time, Signature="
                    + HexFormat.of().withUpperCase().formatHex(signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no HmacSHA1", e);
        }
    }
}
