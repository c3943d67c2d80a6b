// pgjdbc: simple and prepared statements, fetch size with portals, binary transfer, metadata, COPY, cancel.
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.sql.*;
import java.util.*;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

public class Check {
    static final Map<String, Object> answers = new LinkedHashMap<>();
    static final List<String> messages = new ArrayList<>();
    static String url, purpose;
    static Properties settings = new Properties();

    interface Work {
        Object run() throws Exception;
    }

    record Asked(String name, String sql, List<String> parameters) {}

    static List<Asked> statements(Path file) throws Exception {
        List<Asked> found = new ArrayList<>();
        String name = null;
        for (String line : Files.readAllLines(file)) {
            if (line.isEmpty() || line.startsWith("#")) continue;
            int at = line.indexOf(": ");
            String key = line.substring(0, at), value = line.substring(at + 2);
            switch (key) {
                case "name" -> name = value;
                case "sql" -> found.add(new Asked(name, value.replaceAll("\\$\\d+", "?"), new ArrayList<>()));
                default -> found.get(found.size() - 1).parameters.add(value.equals("null") ? null : value);
            }
        }
        return found;
    }

    static Connection connect(String... more) throws SQLException {
        Properties all = new Properties();
        all.putAll(settings);
        for (int i = 0; i < more.length; i += 2) all.setProperty(more[i], more[i + 1]);
        Connection connection = DriverManager.getConnection(url, all);
        if (!purpose.isEmpty()) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("set cordon.purpose = '" + purpose + "'");
            }
        }
        return connection;
    }

    static void keep(String name, Work work) {
        try {
            answers.put(name, work.run());
        } catch (SQLException error) {
            answers.put(name, failure(error));
        } catch (Exception error) {
            answers.put(name, Map.of("broke", String.valueOf(error)));
        }
    }

    static Object failure(SQLException error) {
        messages.add(String.valueOf(error.getMessage()));
        return Map.of("sqlstate", String.valueOf(error.getSQLState()));
    }

    static void notices(Statement statement) throws SQLException {
        for (SQLWarning warning = statement.getWarnings(); warning != null; warning = warning.getNextWarning())
            messages.add(warning.getMessage());
    }

    static Object columns(ResultSetMetaData about) throws SQLException {
        List<Object> columns = new ArrayList<>();
        for (int i = 1; i <= about.getColumnCount(); i++)
            columns.add(List.of(about.getColumnLabel(i), about.getColumnTypeName(i), about.getColumnType(i),
                    about.getPrecision(i), about.getScale(i), about.getColumnDisplaySize(i), about.getColumnClassName(i)));
        return columns;
    }

    static Object rows(ResultSet set) throws SQLException {
        List<Object> rows = new ArrayList<>();
        int width = set.getMetaData().getColumnCount();
        while (set.next()) {
            List<Object> row = new ArrayList<>();
            for (int i = 1; i <= width; i++) row.add(text(set, i));
            rows.add(row);
        }
        return rows;
    }

    static String text(ResultSet set, int column) throws SQLException {
        // In binary the driver's text of bytes is the name of an object.
        return set.getObject(column) instanceof byte[] bytes ? "bytes " + HexFormat.of().formatHex(bytes) : set.getString(column);
    }

    static Object asked(Connection connection, Asked asked, int fetchSize) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(asked.sql)) {
            statement.setFetchSize(fetchSize);
            for (int i = 0; i < asked.parameters.size(); i++) statement.setString(i + 1, asked.parameters.get(i));
            try (ResultSet set = statement.executeQuery()) {
                notices(statement);
                return List.of(columns(set.getMetaData()), rows(set));
            }
        }
    }

    static Object one(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet set = statement.executeQuery(sql)) {
            return rows(set);
        }
    }

    static void ways(List<Asked> all) throws Exception {
        Map<String, String[]> ways = new LinkedHashMap<>();
        ways.put("extended", new String[] {});
        ways.put("simple", new String[] {"preferQueryMode", "simple"});
        ways.put("prepared and binary at once", new String[] {"prepareThreshold", "-1"});
        ways.put("never prepared", new String[] {"prepareThreshold", "0"});
        for (var way : ways.entrySet()) {
            try (Connection connection = connect(way.getValue())) {
                for (Asked asked : all) {
                    keep(way.getKey() + ": " + asked.name, () -> asked(connection, asked, 0));
                    keep(way.getKey() + " again: " + asked.name, () -> asked(connection, asked, 0));
                }
            }
        }
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            for (Asked asked : all)
                for (int size : new int[] {1, 7, 100}) {
                    keep("fetch size " + size + ": " + asked.name, () -> asked(connection, asked, size));
                    connection.rollback();
                    if (!purpose.isEmpty()) one0(connection, "set cordon.purpose = '" + purpose + "'");
                }
        }
    }

    static void one0(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static void metadata() throws Exception {
        try (Connection connection = connect()) {
            DatabaseMetaData about = connection.getMetaData();
            keep("metadata: product", () -> List.of(about.getDatabaseProductName(), about.getDatabaseMajorVersion()));
            keep("metadata: tables", () -> named(about.getTables(null, "public", "%", new String[] {"TABLE"}), "TABLE_SCHEM", "TABLE_NAME", "TABLE_TYPE"));
            keep("metadata: schemas", () -> named(about.getSchemas(), "TABLE_SCHEM"));
            for (String table : List.of("customer", "invoice", "track")) {
                keep("metadata: columns of " + table, () -> named(about.getColumns(null, "public", table, "%"), "COLUMN_NAME", "TYPE_NAME", "DATA_TYPE", "COLUMN_SIZE", "DECIMAL_DIGITS"));
                keep("metadata: primary key of " + table, () -> named(about.getPrimaryKeys(null, "public", table), "COLUMN_NAME", "KEY_SEQ", "PK_NAME"));
                keep("metadata: indexes of " + table, () -> named(about.getIndexInfo(null, "public", table, true, true), "INDEX_NAME", "COLUMN_NAME"));
                keep("metadata: imported keys of " + table, () -> named(about.getImportedKeys(null, "public", table), "PKTABLE_NAME", "PKCOLUMN_NAME", "FKCOLUMN_NAME"));
            }
            keep("metadata: types", () -> named(about.getTypeInfo(), "TYPE_NAME", "DATA_TYPE"));
            keep("metadata: hidden column", () -> named(about.getColumns(null, "public", "customer", "fax"), "COLUMN_NAME"));
            keep("metadata: keywords", () -> about.getSQLKeywords());
        }
    }

    static Object named(ResultSet set, String... names) throws SQLException {
        List<Object> rows = new ArrayList<>();
        while (set.next()) {
            List<Object> row = new ArrayList<>();
            for (String name : names) row.add(set.getString(name));
            rows.add(row);
        }
        return rows;
    }

    static void more() throws Exception {
        try (Connection connection = connect()) {
            keep("typed values", () -> {
                try (Statement statement = connection.createStatement();
                        ResultSet set = statement.executeQuery("select invoice_id, invoice_date, total from invoice order by invoice_id limit 20")) {
                    List<Object> rows = new ArrayList<>();
                    while (set.next())
                        rows.add(List.of(set.getInt(1), set.getTimestamp(2).toString(), set.getBigDecimal(3).toPlainString()));
                    return rows;
                }
            });
            keep("what I saw leads back", () -> {
                List<Object> found = new ArrayList<>();
                List<Integer> keys = new ArrayList<>();
                try (Statement statement = connection.createStatement();
                        ResultSet set = statement.executeQuery("select customer_id from customer where country = 'Canada' order by 1")) {
                    while (set.next()) keys.add(set.getInt(1));
                }
                // The sixth time the driver sends a named statement with binary values.
                try (PreparedStatement statement = connection.prepareStatement("select invoice_id, total from invoice where customer_id = ? order by 1")) {
                    for (int key : keys) {
                        statement.setInt(1, key);
                        try (ResultSet set = statement.executeQuery()) {
                            found.add(rows(set));
                        }
                    }
                }
                try (PreparedStatement statement = connection.prepareStatement("select count(*) from invoice where customer_id = any(?)")) {
                    statement.setArray(1, connection.createArrayOf("int4", keys.toArray()));
                    try (ResultSet set = statement.executeQuery()) {
                        found.add(rows(set));
                    }
                }
                return found;
            });
            keep("copy out", () -> {
                StringWriter out = new StringWriter();
                CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
                long count = copy.copyOut("copy (select * from customer order by country, customer_id) to stdout (format csv, header)", out);
                return List.of(count, out.toString());
            });
            keep("parameters described", () -> {
                try (PreparedStatement statement = connection.prepareStatement("select email, total from customer join invoice using (customer_id) where country = ? and total > ?")) {
                    ParameterMetaData about = statement.getParameterMetaData();
                    return List.of(about.getParameterTypeName(1), about.getParameterTypeName(2), columns(statement.getMetaData()));
                }
            });
            keep("max rows", () -> {
                try (Statement statement = connection.createStatement()) {
                    statement.setMaxRows(3);
                    try (ResultSet set = statement.executeQuery("select country from customer order by country, customer_id")) {
                        return rows(set);
                    }
                }
            });
            keep("cancel", () -> {
                try (Statement statement = connection.createStatement()) {
                    statement.setQueryTimeout(1);
                    statement.executeQuery("select count(*) from track a, track b, track c where a.name < b.name and b.name < c.name");
                    return "it ended";
                }
            });
            keep("after the cancel", () -> one(connection, "select count(*) from genre"));
            keep("transaction", () -> {
                List<Object> found = new ArrayList<>();
                connection.setAutoCommit(false);
                found.add(one(connection, "select count(*) from customer"));
                Savepoint point = connection.setSavepoint();
                try {
                    one(connection, "select 1 / 0");
                } catch (SQLException error) {
                    found.add(failure(error));
                }
                connection.rollback(point);
                found.add(one(connection, "select 2"));
                connection.commit();
                connection.setAutoCommit(true);
                return found;
            });
            keep("read only and isolation", () -> {
                connection.setReadOnly(true);
                connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                connection.setAutoCommit(false);
                Object found = one(connection, "select count(*) from customer");
                connection.commit();
                connection.setAutoCommit(true);
                return List.of(found, connection.getTransactionIsolation());
            });
            keep("schema and name", () -> {
                connection.setSchema("public");
                connection.setClientInfo("ApplicationName", "check");
                return List.of(connection.getSchema(), connection.isValid(5));
            });
            keep("write", () -> {
                try (Statement statement = connection.createStatement()) {
                    return statement.executeUpdate("update customer set email = 'x'");
                }
            });
        }
        keep("auto save", () -> {
            try (Connection connection = connect("autosave", "always")) {
                connection.setAutoCommit(false);
                List<Object> found = new ArrayList<>();
                try {
                    one(connection, "select 1 / 0");
                } catch (SQLException error) {
                    found.add(failure(error));
                }
                found.add(one(connection, "select count(*) from genre"));
                return found;
            }
        });
        keep("current schema", () -> {
            try (Connection connection = connect("currentSchema", "public", "ApplicationName", "check")) {
                return one(connection, "select count(*) from customer");
            }
        });
        keep("wrong password", () -> {
            try (Connection connection = connect("password", "wrong")) {
                return "in";
            }
        });
        keep("without TLS", () -> {
            try (Connection connection = connect("sslmode", "disable")) {
                return "in";
            } catch (SQLException error) {
                failure(error);
                return "refused";
            }
        });
    }

    static void json(Object value, StringBuilder out) {
        if (value == null) out.append("null");
        else if (value instanceof Number || value instanceof Boolean) out.append(value);
        else if (value instanceof Map<?, ?> map) {
            out.append('{');
            boolean first = true;
            for (var entry : map.entrySet()) {
                if (!first) out.append(',');
                first = false;
                json(entry.getKey(), out);
                out.append(':');
                json(entry.getValue(), out);
            }
            out.append('}');
        } else if (value instanceof List<?> list) {
            out.append('[');
            for (int i = 0; i < list.size(); i++) {
                if (i > 0) out.append(',');
                json(list.get(i), out);
            }
            out.append(']');
        } else {
            out.append('"');
            for (char c : String.valueOf(value).toCharArray()) {
                if (c == '"' || c == '\\') out.append('\\').append(c);
                else if (c < 0x20) out.append(String.format("\\u%04x", (int) c));
                else out.append(c);
            }
            out.append('"');
        }
    }

    public static void main(String[] given) throws Exception {
        url = "jdbc:postgresql://" + given[0] + ":" + given[1] + "/" + given[2];
        settings.setProperty("user", given[3]);
        settings.setProperty("password", given[4]);
        settings.setProperty("sslmode", "verify-full");
        settings.setProperty("sslrootcert", given[5] + "/ca.crt");
        settings.setProperty("sslcert", given[5] + "/client.crt");
        settings.setProperty("sslkey", given[5] + "/client.pk8");
        purpose = given.length > 6 ? given[6] : "";
        Path here = Paths.get(Check.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        ways(statements(here.resolve("../../statements.txt").normalize()));
        metadata();
        more();
        StringBuilder out = new StringBuilder();
        json(Map.of("answers", answers, "messages", messages), out);
        System.out.write(out.toString().getBytes("UTF-8"));
        System.out.flush();
    }
}
