#include <gatehouse/rules/leak_scan.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "leak_detectors.hpp"

namespace gatehouse {
namespace {

using enum leak;

struct leak_case {
  const char* name;
  leak kind;
  std::string_view text;
};

// What each stack really prints, in text, in JSON or in HTML.
constexpr leak_case leaks[] = {
    {"Python", stack_frame, "Traceback (most recent call last):\n  File \"x\"\nKeyError: 'a'"},
    {"a frame of Python", stack_frame, "  File \"main.py\", line 12, in <module>"},
    {"a frame of Python in JSON", stack_frame, R"x({"e":"File \"main.py\", line 12"})x"},
    {"a frame of Python in HTML", stack_frame, "<pre>File &quot;main.py&quot;, line 12, in f</pre>"},
    {"a frame of Python in HTML of Jinja", stack_frame, "<pre>File &#34;main.py&#34;, line 12, in f</pre>"},
    {"an import of Python", stack_frame, "<frozen importlib._bootstrap>"},
    {"a frame of Java", stack_frame, "\tat pay(Shop.java:42)"},
    {"a frame of Kotlin", stack_frame, "\tat pay(Shop.kt:42)"},
    {"a frame of Scala", stack_frame, "\tat pay(Shop.scala:42)"},
    {"a frame of Groovy", stack_frame, "\tat pay(Shop.groovy:42)"},
    {"a native frame of Java", stack_frame, "invoke0(Native Method)"},
    {"a frame without source", stack_frame, "lambda$0(Unknown Source)"},
    {"a thread of Java", stack_frame, "Exception in thread \"main\""},
    {"a cause of Spring", stack_frame, "Could not open; nested exception is x"},
    {"an exception of Java by its class", stack_frame, R"x({"exception":"java.lang.IllegalStateException"})x"},
    {"an error of Java by its class", stack_frame, "java.lang.OutOfMemoryError: heap"},
    {"an exception of .NET by its class", stack_frame, "System.NullReferenceException: Object reference"},
    {"another of .NET", stack_frame, "Microsoft.TimeoutException"},
    {"an error of Python by its class", stack_frame, "requests.exceptions.ConnectionError: x"},
    {"a call of Java in JSON", stack_frame, R"x({"trace":"x\n\tat com.acme.Shop.pay(x)"})x"},
    {"a call of .NET", stack_frame, "   at Acme.Shop.Cart.Pay(Int32 id)\n"},
    {"a call in HTML", stack_frame, "<br>at com.acme.Shop.pay(x)"},
    {"a line of C#", stack_frame, R"x(Cart.cs:line 17)x"},
    {"a line of Visual Basic", stack_frame, R"x(Cart.vb:line 17)x"},
    {"a line of F#", stack_frame, R"x(Cart.fs:line 17)x"},
    {"a rethrown exception of .NET", stack_frame, "--- End of stack trace from previous location ---"},
    {"an inner exception of .NET", stack_frame, "--- End of inner exception stack trace ---"},
    {"a frame of Node", stack_frame, "    at pay (shop.js:10:5)"},
    {"a frame of a module", stack_frame, "    at pay (shop.mjs:10:5)"},
    {"a frame of CommonJS", stack_frame, "    at pay (shop.cjs:10:5)"},
    {"a frame of JSX", stack_frame, "    at pay (shop.jsx:10:5)"},
    {"a frame of TypeScript", stack_frame, "    at pay (shop.ts:10:5)"},
    {"a frame of a TypeScript module", stack_frame, "    at pay (shop.mts:10:5)"},
    {"a frame of TSX", stack_frame, "    at pay (shop.tsx:10:5)"},
    {"a frame inside Node", stack_frame, "at processTicksAndRejections (node:internal/process/task_queues)"},
    {"a frame without a name", stack_frame, "    at Object.<anonymous> ("},
    {"a refused connection", private_address, "connect ECONNREFUSED ::1"},
    {"a connection that timed out", private_address, "connect ETIMEDOUT db"},
    {"a host that is not reached", private_address, "connect EHOSTUNREACH db"},
    {"a name that is not known", private_address, "getaddrinfo ENOTFOUND db.internal"},
    {"a name that is not known yet", private_address, "getaddrinfo EAI_AGAIN db"},
    {"a file that is not there", file_path, "ENOENT: no such file or directory"},
    {"a file that may not be read", file_path, "EACCES: permission denied"},
    {"PHP", stack_frame, "PHP Fatal error:  x"},
    {"an exception of PHP", stack_frame, "Fatal error: Uncaught TypeError"},
    {"an error of PHP in HTML", stack_frame, "<b>Fatal error</b>:  Uncaught"},
    {"a warning of PHP", stack_frame, "Undefined index in cart.php on line 3"},
    {"a warning of PHP in HTML", stack_frame, "in <b>cart.php</b> on line <b>3</b>"},
    {"a place in PHP", stack_frame, "thrown in cart.php:12"},
    {"a frame of PHP", stack_frame, "#0 cart.php(12): pay()"},
    {"the last frame of PHP", stack_frame, "#3 {main}\n  thrown"},
    {"a frame inside PHP", stack_frame, "#1 [internal function]: f()"},
    {"Laravel", stack_frame, R"x({"exception":"Illuminate\\Http\\X"})x"},
    {"Symfony", stack_frame, R"x(Symfony\Component\HttpKernel)x"},
    {"Doctrine", stack_frame, R"x(Doctrine\DBAL)x"},
    {"PDO", sql_error, "PDOException: x"},
    {"Go", stack_frame, "goroutine 17 [running]:"},
    {"a frame of Go", stack_frame, "\tmain.go:42 +0x1d"},
    {"an index in Go", stack_frame, "runtime error: index out of range [5]"},
    {"a slice in Go", stack_frame, "runtime error: slice bounds out of range"},
    {"a printed stack of Go", stack_frame, "runtime/debug.Stack()"},
    {"a frame of Ruby", stack_frame, "cart.rb:10:in `pay'"},
    {"a frame of a template", stack_frame, "show.html.erb:3:in `render'"},
    {"a method that Ruby does not know", stack_frame, "undefined method `name' for nil"},
    {"a method that Ruby does not know, in HTML", stack_frame, "undefined method &#39;name&#39; for nil"},
    {"a variable that Ruby does not know", stack_frame, "undefined local variable or method 'x' for main"},
    {"nil in Ruby", stack_frame, "x for nil:NilClass"},
    {"ActiveRecord", stack_frame, "ActiveRecord::RecordNotFound"},
    {"ActionController", stack_frame, "ActionController::RoutingError"},
    {"ActionView", stack_frame, "ActionView::Template::Error"},
    {"ActionDispatch", stack_frame, "ActionDispatch::X"},
    {"a place in Rust", stack_frame, "src/main.rs:10:5"},
    {"a panic of Rust", stack_frame, "thread 'main' (7) panicked at x"},
    {"a hint of Rust", stack_frame, "run with `RUST_BACKTRACE=1`"},
    {"None in Rust", stack_frame, "called `Option::unwrap()` on a `None` value"},
    {"Err in Rust", stack_frame, "called `Result::unwrap()` on an `Err` value"},
    {"a frame of Elixir", stack_frame, "lib/shop/cart.ex:10: Shop.pay/1"},
    {"a script of Elixir", stack_frame, "cart.exs:10: x"},
    {"Elixir itself", stack_frame, "(elixir 1.15.7) lib"},
    {"a line of Perl", stack_frame, "died at cart.pl line 10."},
    {"a module of Perl", stack_frame, "died at Cart.pm line 10."},
    {"a place in C++", stack_frame, "cart.cpp:42"},
    {"a header of C++", stack_frame, "cart.hpp:42"},
    {"the end of a C++ program", stack_frame, "terminate called after throwing an instance of"},
    {"a member stacktrace", stack_frame, R"x({"stacktrace": [ "x" ]})x"},
    {"a member stackTrace", stack_frame, R"x({"stackTrace":[{"x":1}]})x"},
    {"a member stack_trace", stack_frame, R"x({"stack_trace" : "x"})x"},
    {"a member traceback", stack_frame, R"x({"traceback":"x"})x"},

    {"a state of SQL", sql_error, "SQLSTATE[42S02]"},
    {"PostgreSQL: syntax", sql_error, R"x(ERROR:  syntax error at or near "FORM")x"},
    {"PostgreSQL: a quote", sql_error, "unterminated quoted string at or near \"'\""},
    {"PostgreSQL: unique", sql_error, "duplicate key value violates unique constraint"},
    {"PostgreSQL: foreign key", sql_error, "violates foreign key constraint"},
    {"PostgreSQL: null", sql_error, "violates not-null constraint"},
    {"PostgreSQL: check", sql_error, "violates check constraint"},
    {"PostgreSQL: password", sql_error, "password authentication failed for user"},
    {"PostgreSQL: access", sql_error, "no pg_hba.conf entry for host"},
    {"PostgreSQL: a value", sql_error, "invalid input syntax for type integer"},
    {"PostgreSQL: a transaction", sql_error, "current transaction is aborted"},
    {"PostgreSQL: a table", sql_error, R"x(relation "users" does not exist)x"},
    {"PostgreSQL: a table, in JSON", sql_error, R"x({"e":"relation \"users\" does not exist"})x"},
    {"PostgreSQL: a column", sql_error, "column &quot;nme&quot; does not exist"},
    {"PostgreSQL of Ruby", sql_error, "PG::UniqueViolation"},
    {"PostgreSQL of Go", sql_error, "pq: duplicate"},
    {"PostgreSQL of Python", sql_error, "psycopg2.errors"},
    {"PostgreSQL of asyncio", sql_error, "asyncpg.exceptions"},
    {"PostgreSQL of .NET", sql_error, "Npgsql.X"},
    {"PostgreSQL of Java", sql_error, "org.postgresql.util"},
    {"MySQL: syntax", sql_error, "You have an error in your SQL syntax"},
    {"MySQL: unique", sql_error, "Duplicate entry 'a' for key 'b'"},
    {"MySQL: a column", sql_error, "Unknown column 'a' in 'field list'"},
    {"MySQL: a column of a condition", sql_error, "Unknown column 'a' in 'where clause'"},
    {"MySQL: a table", sql_error, "Table 'shop.users' doesn't exist"},
    {"MySQL: a table, in HTML", sql_error, "Table &#39;shop.users&#39; doesn&#39;t exist"},
    {"MySQL: access", sql_error, "Access denied for user 'root'@'localhost'"},
    {"MySQL: foreign key", sql_error, "Cannot delete a row: a foreign key constraint fails"},
    {"MySQL of Node: unique", sql_error, "ER_DUP_ENTRY"},
    {"MySQL of Node: syntax", sql_error, "ER_PARSE_ERROR"},
    {"MySQL of Node: a table", sql_error, "ER_NO_SUCH_TABLE"},
    {"MySQL of Node: a column", sql_error, "ER_BAD_FIELD_ERROR"},
    {"MySQL of Node: access", sql_error, "ER_ACCESS_DENIED_ERROR"},
    {"MySQL of PHP", sql_error, "mysqli_query()"},
    {"MySQL of Java", sql_error, "com.mysql.cj"},
    {"MySQL of Python", sql_error, "pymysql.err"},
    {"SQLite: a code", sql_error, "SQLITE_CONSTRAINT"},
    {"SQLite of Python", sql_error, "sqlite3.OperationalError"},
    {"SQLite: a table", sql_error, "no such table: users"},
    {"SQLite: a column", sql_error, "no such column: nme"},
    {"SQLite: unique", sql_error, "UNIQUE constraint failed: users.email"},
    {"SQLite: null", sql_error, "NOT NULL constraint failed: users.email"},
    {"SQLite: check", sql_error, "CHECK constraint failed: positive"},
    {"SQLite: foreign key", sql_error, "FOREIGN KEY constraint failed"},
    {"SQLite: syntax", sql_error, R"x(near "FORM": syntax error)x"},
    {"Oracle", sql_error, "ORA-00942: table or view does not exist"},
    {"PL/SQL", sql_error, "PLS-00201: identifier"},
    {"Oracle's network", sql_error, "TNS-12541: no listener"},
    {"SQL Server: syntax", sql_error, "Incorrect syntax near 'FORM'."},
    {"SQL Server: a quote", sql_error, "Unclosed quotation mark after the character string ''."},
    {"SQL Server: a column", sql_error, "Invalid column name 'nme'."},
    {"SQL Server: a table", sql_error, "Invalid object name 'dbo.users'."},
    {"SQL Server: its driver", sql_error, "[ODBC Driver 18][SQL Server]x"},
    {"SQL Server: login", sql_error, "Login failed for user 'sa'."},
    {"SQL Server: primary key", sql_error, "Violation of PRIMARY KEY constraint"},
    {"SQL Server: unique", sql_error, "Violation of UNIQUE KEY constraint"},
    {"SQL Server: foreign key", sql_error, "The INSERT statement conflicted with the FOREIGN KEY"},
    {"SQL Server: duplicate", sql_error, "Cannot insert duplicate key in object"},
    {"SQL Server: null", sql_error, "Cannot insert the value NULL into column"},
    {"SQL Server of .NET", sql_error, "SqlException (0x80131904)"},
    {"MongoDB: unique", sql_error, "E11000 duplicate key error collection"},
    {"MongoDB: server", sql_error, "MongoServerSelectionError"},
    {"MongoDB: any", sql_error, "MongoError"},
    {"MongoDB: network", sql_error, "MongoNetworkError"},
    {"MongoDB of .NET", sql_error, "MongoDB.Driver.X"},
    {"MongoDB of Java", sql_error, "com.mongodb.X"},
    {"MongoDB of Python", sql_error, "pymongo.errors"},
    {"Mongoose", sql_error, "Cast to ObjectId failed for value"},
    {"Prisma's class", sql_error, "PrismaClientKnownRequestError"},
    {"Prisma's call", sql_error, "Invalid `prisma.user.create()` invocation"},
    {"Sequelize", sql_error, "SequelizeDatabaseError"},
    {"Sequelize's connection", sql_error, "SequelizeConnectionRefusedError"},
    {"TypeORM", sql_error, "QueryFailedError"},
    {"SQLAlchemy", sql_error, "sqlalchemy.exc"},
    {"SQLAlchemy's statement", sql_error, "[SQL: SELECT 1]"},
    {"Hibernate", sql_error, "org.hibernate.X"},
    {"Hibernate's sentence", sql_error, "could not execute statement"},
    {"JDBC", sql_error, "JDBCException"},
    {"a URL of JDBC", sql_error, "jdbc:postgresql://db/shop"},

    {"a home", file_path, "open /home/anna/shop/cart.py"},
    {"a home of a Mac", file_path, "open /Users/anna/shop/cart.rb"},
    {"root's home", file_path, "open /root/shop.key."},
    {"/srv", file_path, "open /srv/shop/config.yml"},
    {"/opt", file_path, "/opt/shop/shop.so"},
    {"a container's /app", file_path, R"x({"e":"cannot read \"/app/.env\""})x"},
    {"/tmp", file_path, "/tmp/upload.log"},
    {"/workspace", file_path, "/workspace/cart.class"},
    {"/etc", file_path, "cannot open /etc/passwd"},
    {"/usr/src", file_path, "at /usr/src/app"},
    {"/usr/lib", file_path, "(/usr/lib/python3)"},
    {"/usr/local", file_path, "\"/usr/local/bundle\""},
    {"/usr/share", file_path, "/usr/share/nginx"},
    {"/var/www", file_path, "in /var/www/html"},
    {"/var/lib", file_path, "/var/lib/mysql"},
    {"/var/log", file_path, "/var/log/shop"},
    {"/var/run", file_path, "/var/run/docker"},
    {"Windows", file_path, R"x(in C:\inetpub\wwwroot)x"},
    {"Windows, in JSON", file_path, R"x({"e":"in D:\\a\\1\\s"})x"},
    {"a URL of a file", file_path, "file:///srv"},

    {"10/8", private_address, "dial tcp 10.1.2.3:5432: connection refused"},
    {"127/8", private_address, "http://127.0.0.1:5000/x"},
    {"192.168/16", private_address, "(192.168.0.7:6379)"},
    {"169.254/16", private_address, "169.254.169.254:80"},
    {"172.16/12", private_address, "172.31.255.255:27017"},
    {"fc00::/8", private_address, "[fc00::1]:5432"},
    {"fd00::/8", private_address, "[fd12:3456::1]:5432"},
    {"fe80::/10", private_address, "[fe80::1]:5432"},
    {"::1", private_address, "[::1]:5432"},
    {"a mapped address", private_address, "[::ffff:10.0.0.1]:5432"},

    {"a URL with a password", secret, "postgres://shop:hunter2@db/shop"},
    {"a URL with a password and no name", secret, "redis://:hunter2@cache"},
    {"a connection string", secret, "Server=db;Database=shop;User Id=sa;Password=hunter2;"},
    {"a connection string in capitals", secret, "host=db PASSWORD=hunter2"},
    {"a connection string, short", secret, "Server=db;Uid=sa;Pwd=hunter2"},
    {"a connection string, shorter", secret, "Server=db;uid=sa;pwd=hunter2"},
    {"a DSN", secret, "host=db user=shop password=hunter2 dbname=shop"},
    {"a private key", secret, "-----BEGIN RSA PRIVATE KEY-----"},
    {"a key of AWS", secret, "AKIAIOSFODNN7EXAMPLE"},
    {"an environment", secret, "DATABASE_URL=x"},
    {"settings of Django", secret, "'SECRET_KEY': 'x'"},
    {"an environment of AWS", secret, "AWS_SECRET_ACCESS_KEY=x"},
    {"a configuration of AWS", secret, R"x("aws_secret_access_key": "x")x"},

    {"Django", debug_page, "because you have <code>DEBUG = True</code>"},
    {"routes of Django", debug_page, "Using the URLconf defined in <code>"},
    {"Werkzeug", debug_page, "?__debugger__=yes"},
    {"Flask", debug_page, "<title>x // Werkzeug Debugger</title>"},
    {"Rails", debug_page, "<title>Action Controller: Exception caught</title>"},
    {"Rails's root", debug_page, "Rails.root: x"},
    {"Whoops", debug_page, R"x(Whoops\Run)x"},
    {"Spring Boot", debug_page, "<h1>Whitelabel Error Page</h1>"},
    {"Tomcat", debug_page, "<h3>Apache Tomcat/9.0.1</h3>"},
    {"Jetty", debug_page, "Powered by Jetty:// 9.4"},
    {"ASP.NET", debug_page, "<h1>Server Error in '/' Application.</h1>"},
    {"ASP.NET Core", debug_page, "An unhandled exception occurred while processing the request."},
    {"Express", debug_page, "<pre>Error: x<br> &nbsp; &nbsp;at pay"},
    {"Phoenix", debug_page, "Plug.Debugger"},
    {"Next.js", debug_page, "/__nextjs_original-stack-frame?x"},
    {"phpinfo", debug_page, "<h1>PHP Version 8.2.7</h1>"},
    {"nginx", debug_page, "<hr><center>nginx/1.22.1</center>"},
    {"Apache", debug_page, "<address>Apache/2.4.57 (Debian)</address>"},
};

TEST(leak_scan, finds_what_stacks_print) {
  for (const auto& c : leaks) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(describe(find_leak(c.text)), describe(c.kind));
    EXPECT_EQ(describe(find_leak("<html><body>Sorry. " + std::string(c.text))), describe(c.kind));
    EXPECT_EQ(describe(find_leak(std::string(1'000, '.') + ' ' + std::string(c.text) + std::string(1'000, ' '))),
              describe(c.kind));
  }
}

TEST(leak_scan, every_detector_has_its_row) {
  for (const auto& d : detail::rules::all_detectors()) {
    const bool shown = std::ranges::any_of(leaks, [&](const leak_case& c) {
      const auto at = c.text.find(d.literal);
      if (at == std::string_view::npos || c.kind != d.kind) return false;
      return d.confirm == nullptr || d.confirm(c.text.substr(0, at), c.text.substr(at + d.literal.size()));
    });
    EXPECT_TRUE(shown) << d.literal;
  }
}

struct benign_case {
  const char* name;
  std::string_view text;
};

constexpr benign_case benign[] = {
    {"nothing", ""},
    {"a problem document",
     R"x({"type":"https://api.example.com/errors/out-of-stock","title":"Out of stock","status":409,"detail":"Item 1034 has 3 left, 5 were asked for.","instance":"/orders/17"})x"},
    {"a problem document of Spring",
     R"x({"type":"about:blank","title":"Not Found","status":404,"detail":"No static resource notes.","instance":"/notes"})x"},
    {"an error of Spring Boot",
     R"x({"timestamp":"2026-11-30T10:15:30.123+00:00","status":404,"error":"Not Found","path":"/home/notes"})x"},
    {"an error of FastAPI",
     R"x({"detail":[{"type":"missing","loc":["body","email"],"msg":"Field required","input":{"at":1}}]})x"},
    {"an error of AWS", R"x({"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"x"})x"},
    {"an error by its name", R"x({"error":"ValidationException","message":"NotFoundError: no such note"})x"},
    {"an error of GraphQL",
     R"x({"errors":[{"message":"Cannot query field \"x\".","locations":[{"line":2,"column":3}],"extensions":{"code":"BAD_REQUEST"}}]})x"},
    {"an empty stack", R"x({"stack":null,"stacktrace":[],"stackTrace":"","traceback":null})x"},
    {"an error of OAuth", R"x({"error":"invalid_client","error_description":"Client authentication failed"})x"},
    {"a message by its key", R"x({"code":"errors.validation.emailError","field":"user.address.zipException"})x"},
    {"a name of a file", R"x({"message":"avatar.png is too large","file":"report.js","script":"main.ts: unknown"})x"},
    {"prose about exceptions", "An exception occurred at 10.30 in your account. Error 17. Please look at example.com."},
    {"prose about databases",
     "The table does not exist. The column \"price\" is required. Duplicate entry. Unknown column."},
    {"prose about methods", "undefined method DELETE for this resource; relation friends does not exist"},
    {"prose about reading", "Could not read column 3: syntax error"},
    {"a page",
     "<!DOCTYPE html>\n<html lang=\"en\"><head><title>404</title><link rel=\"stylesheet\" href=\"/app/main.css\">"
     "<script src=\"/app/main.js\"></script></head><body><h1>Not found</h1><a href=\"/home/index.html\">Home</a> "
     "<a href=\"/app/login.php\">Log in</a> <a href='/srv/backup.db'>x</a> <a href=\"https://example.com/etc/terms\">"
     "Terms</a> <a href=\"mailto:help@example.com\">Help</a></body></html>"},
    {"a page of Express", "<html><head><title>Error</title></head><body><pre>Cannot GET /notes</pre></body></html>"},
    {"a page of Rails",
     "<h1>The page you were looking for doesn't exist.</h1><p>If you are the application owner check the logs for "
     "more information.</p>"},
    {"a page of Laravel", "<title>Server Error</title><div>500</div>"},
    {"a page of Django", "<h1>Not Found</h1><p>The requested resource was not found on this server.</p>"},
    {"a page of nginx without its version", "<center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center>"},
    {"URLs",
     R"x({"self":"https://api.example.com:8443/var/www/x","port":"http://shop.rs:8080/","next":"/notes?page=2"})x"},
    {"a URL with a name in it", "https://anna@example.com/ and ssh://git@example.com:22/x and http://a:/b@c"},
    {"a masked URL", "postgres://shop:***@db/shop redis://:xxxxx@cache mysql://shop:[redacted]@db"},
    {"a masked connection string", "Server=db;Password=*****;"},
    {"prose about passwords", R"x({"message":"password=... is missing","fields":{"password":"required","pwd":"no"}})x"},
    {"a form", "<form action=\"/login?password=\"><input name=\"password\"></form>"},
    {"versions and times", "10.0.0.1 2.10.127.0 at 10.30:15, 192.168.1.1, 172.16.0.1, version 10.1.2.3-beta:20"},
    {"a public address", "203.0.113.7:443 [2001:db8::1]:443 8.8.8.8:53 172.15.0.1:80 172.32.0.1:80 110.0.0.1:80"},
    {"an address that is none", "10.256.1.1:80 10.1.2:80 10.1.2.3.4:80 192.168.1:80"},
    {"an array of JSON", R"x(["fd","fc","[fd","[::1"])x"},
    {"a letter and a colon", R"x({"text":"vitamin C:\nfor all\n","choice":"A:\tyes\t"})x"},
    {"codes", R"x({"a":"ORA-123","b":"FLORA-12345","c":"ORA-123456","d":"AKIA","e":"MAKIAIOSFODNN7EXAMPLE"})x"},
    {"a list of a mapping", R"x({"at":{"x":1},"main":"{main}","go":"main.go","line":".py"})x"},
    {"base64", "UE9TVCAvIEhUVFAvMS4xDQpIb3N0OiBhDQoNCkFLSUE6Ly9h//+/AAAA=="},
    {"words in other scripts", "Die Seite /über/uns wurde nicht gefunden. ページが見つかりません。 Стр. не найдена"},
    {"a JSON web key", R"x({"kty":"RSA","e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx"})x"},
    {"an SVG", "<svg viewBox=\"0 0 10.5 127.25\"><path d=\"M10.1.2.3 172.5 192.168.5\"/></svg>"},
};

TEST(leak_scan, finds_nothing_in_ordinary_answers) {
  for (const auto& c : benign) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(describe(find_leak(c.text)), "");
  }
}

/// What is found in pieces of this size, each with what came before.
leak found_in_pieces(std::string_view text, std::size_t size) {
  leak_scan scan;
  for (std::size_t end = 0; end < text.size(); end += size) {
    if (const leak found = scan.look(text.substr(0, end), false); found != none) return found;
  }
  return scan.look(text, true);
}

TEST(leak_scan, it_does_not_matter_where_pieces_end) {
  for (const auto& c : leaks) {
    SCOPED_TRACE(c.name);
    const std::string text = std::string(300, '-') + ' ' + std::string(c.text) + std::string(300, ' ');
    for (const std::size_t size : {1U, 2U, 7U, 64U, 255U, 500U}) EXPECT_EQ(found_in_pieces(text, size), c.kind) << size;
  }
  for (const auto& c : benign) {
    SCOPED_TRACE(c.name);
    for (const std::size_t size : {1U, 3U, 100U}) EXPECT_EQ(found_in_pieces(c.text, size), none) << size;
  }
}

TEST(leak_scan, is_told_before_the_end_when_enough_has_come) {
  leak_scan scan;
  EXPECT_EQ(scan.look("Traceback (most recent call last):", false), none);
  EXPECT_EQ(scan.look("Traceback (most recent call last):" + std::string(300, ' '), false), stack_frame);
}

TEST(leak_scan, describes_every_kind) {
  for (const leak l : {stack_frame, sql_error, file_path, private_address, secret, debug_page, unreadable}) {
    EXPECT_FALSE(describe(l).empty());
  }
  EXPECT_EQ(describe(none), "");
}

}  // namespace
}  // namespace gatehouse
