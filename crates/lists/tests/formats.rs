//! Formats without a real list at hand, on fixtures written from their published schemas, and hostile input.
use athar_lists::{
    EntryKind, List, ListDefectKind as Kind, ListEntry, NameKind, Quality, ReadOptions, Report, read, read_names_csv,
};
use std::fs;
use std::path::PathBuf;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        Self(dir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> Result<(List, Report), String> {
        read(self.path(name), &ReadOptions::default()).map_err(|error| error.to_string())
    }
}

fn one(name: &str, text: &str) -> Result<(List, Report), String> {
    Folder::new(&[(name, text)]).read(name)
}

fn names(entry: &ListEntry) -> Vec<(&str, NameKind, Quality)> {
    entry.names.iter().map(|n| (n.text.as_str(), n.kind, n.quality)).collect()
}

fn day(day: Option<athar_types::Day>) -> String {
    day.map_or_else(|| "unknown".into(), |day| day.to_string())
}

const SDN: &str = "7,\"EXAMPLE, Ali\",\"individual\",\"SDGT] [IRAN\",\"-0- \",\"-0- \",\"-0- \",\"-0- \",\"-0- \",\"-0- \",\"-0- \",\"DOB 10 Dec 1948; alt. DOB 1949; POB Example City, Exampleland; nationality Exampleland; Passport A1234567 (Exampleland) expires 01 Jan 2020; Digital Currency Address - XBT 1BoatSLRHtKNngkdXEeobR76b53LETtpyT; alt. Digital Currency Address - ETH 0x00000000219ab540356cBB839Cbe05303d7705Fa.\"\n8,\"EXAMPLE TRADING\",\"-0- \",\"SDGT\",\"-0- \",\"-0- \",\"-0- \",\"-0- \",\"-0- \",\"-0- \",\"-0- \",\"-0- \"\n\u{1a}\n";
const ALT: &str = "7,1,\"aka\",\"EXEMPLE, Aly\",\"-0- \"\n7,2,\"fka\",\"OLDNAME, Ali\",\"-0- \"\n99,3,\"aka\",\"NOBODY\",\"-0- \"\n\u{1a}\n";
const ADD: &str = "7,1,\"1 Example Street\",\"Example City\",\"Exampleland\",\"-0- \"\n\u{1a}\n";
const COMMENTS: &str = "8,\"Phone Number 123456789; Email Address info@example.org\"\n\u{1a}\n";

#[test]
fn ofac_tables_are_read_as_a_set() {
    let folder = Folder::new(&[("sdn.csv", SDN), ("alt.csv", ALT), ("add.csv", ADD), ("sdn_comments.csv", COMMENTS)]);
    let (list, report) = folder.read("sdn.csv").unwrap();
    assert_eq!((list.info.list.as_str(), list.entries.len(), list.info.as_of), ("us-ofac-sdn", 2, None));
    let entry = &list.entries[0];
    assert_eq!((entry.id.as_str(), entry.kind, entry.listed_on), ("7", EntryKind::Person, None));
    let expected = [
        ("EXAMPLE, Ali", NameKind::Primary, Quality::Unstated),
        ("EXEMPLE, Aly", NameKind::Alias, Quality::Unstated),
        ("OLDNAME, Ali", NameKind::Former, Quality::Unstated),
    ];
    assert_eq!(names(entry), expected);
    assert_eq!(entry.programs, ["SDGT", "IRAN"]);
    assert_eq!(entry.births.iter().map(|b| b.from.unwrap().to_string()).collect::<Vec<_>>(), ["1948-12-10", "1949"]);
    assert_eq!(
        (entry.birth_places[0].as_str(), entry.countries[0].as_str()),
        ("Example City, Exampleland", "Exampleland")
    );
    assert_eq!(entry.addresses, ["1 Example Street, Example City, Exampleland"]);
    let passport = &entry.identifiers[0];
    assert_eq!(
        (passport.kind.as_str(), passport.value.as_str(), passport.country.as_deref()),
        ("passport", "A1234567", Some("Exampleland"))
    );
    let wallets: Vec<(&str, &str)> = entry.wallets.iter().map(|w| (w.asset.as_str(), w.address.as_str())).collect();
    assert_eq!(
        wallets,
        [("XBT", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"), ("ETH", "0x00000000219ab540356cBB839Cbe05303d7705Fa")]
    );
    assert_eq!(list.entries[1].kind, EntryKind::Organisation);
    assert!(list.entries[1].has_identifier("INFO@example.org") && list.entries[1].has_identifier("123 456-789"));
    assert_eq!((report.count(Kind::Orphan), report.total()), (1, 1));

    let (_, report) = one("sdn.csv", SDN).unwrap();
    assert_eq!(report.notes.len(), 3, "absent companions are told: {:?}", report.notes);
    let error = folder.read("alt.csv").unwrap_err();
    assert!(error.contains("companion"), "{error}");
    let error = one("sdn.csv", SDN.trim_end_matches(['\n', '\u{1a}'])).unwrap_err();
    assert!(error.contains("line 2") && error.contains("0x1A"), "{error}");
    let folder = Folder::new(&[("cons_prim.csv", SDN), ("cons_alt.csv", &ALT[..20])]);
    assert!(
        folder.read("cons_prim.csv").unwrap_err().contains("cons_alt.csv: line 1"),
        "a cut companion refuses the set"
    );
}

const ADVANCED: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<Sanctions xmlns="https://example.org/ADVANCED_XML">
<DateOfIssue CalendarTypeID="1"><Year>2024</Year><Month>5</Month><Day>22</Day></DateOfIssue>
<ReferenceValueSets>
<AliasTypeValues><AliasType ID="1400">A.K.A.</AliasType><AliasType ID="1401">F.K.A.</AliasType><AliasType ID="1403">Name</AliasType></AliasTypeValues>
<CountryValues><Country ID="11082" ISO2="XX">Exampleland</Country></CountryValues>
<FeatureTypeValues><FeatureType ID="8">Birthdate</FeatureType><FeatureType ID="344">Digital Currency Address - XBT</FeatureType><FeatureType ID="25">Location</FeatureType></FeatureTypeValues>
<IDRegDocTypeValues><IDRegDocType ID="1571">Passport</IDRegDocType></IDRegDocTypeValues>
<ListValues><List ID="1550">SDN List</List></ListValues>
<PartySubTypeValues><PartySubType ID="4" PartyTypeID="1">Unknown</PartySubType></PartySubTypeValues>
<PartyTypeValues><PartyType ID="1">Individual</PartyType></PartyTypeValues>
<SanctionsTypeValues><SanctionsType ID="1">Program</SanctionsType></SanctionsTypeValues>
<EntryEventTypeValues><EntryEventType ID="1">Created</EntryEventType></EntryEventTypeValues>
<ScriptValues><Script ID="215">Latin</Script><Script ID="160">Arabic</Script></ScriptValues>
</ReferenceValueSets>
<Locations><Location ID="186"><LocationCountry CountryID="11082"/><LocationPart><LocationPartValue><Value>Example City</Value></LocationPartValue></LocationPart></Location></Locations>
<IDRegDocuments><IDRegDocument ID="1" IDRegDocTypeID="1571" IdentityID="5" IssuedBy-CountryID="11082"><IDRegistrationNo>A1234567</IDRegistrationNo></IDRegDocument></IDRegDocuments>
<DistinctParties><DistinctParty FixedRef="36"><Comment/><Profile ID="36" PartySubTypeID="4"><Identity ID="5" FixedRef="36" Primary="true" False="false">
<Alias FixedRef="36" AliasTypeID="1403" Primary="true" LowQuality="false"><DocumentedName ID="5"><DocumentedNamePart><NamePartValue ScriptID="215">EXAMPLE</NamePartValue></DocumentedNamePart><DocumentedNamePart><NamePartValue ScriptID="215">Ali</NamePartValue></DocumentedNamePart></DocumentedName><DocumentedName ID="6"><DocumentedNamePart><NamePartValue ScriptID="160">علي</NamePartValue></DocumentedNamePart></DocumentedName></Alias>
<Alias FixedRef="36" AliasTypeID="1400" Primary="false" LowQuality="true"><DocumentedName ID="7"><DocumentedNamePart><NamePartValue ScriptID="215">ABU EXAMPLE</NamePartValue></DocumentedNamePart></DocumentedName></Alias>
</Identity>
<Feature ID="1" FeatureTypeID="8"><FeatureVersion ID="2"><DatePeriod><Start Approximate="true"><From><Year>1961</Year><Month>1</Month><Day>1</Day></From></Start><End Approximate="true"><To><Year>1961</Year><Month>12</Month><Day>31</Day></To></End></DatePeriod></FeatureVersion></Feature>
<Feature ID="3" FeatureTypeID="344"><FeatureVersion ID="4"><VersionDetail DetailTypeID="1432">1BoatSLRHtKNngkdXEeobR76b53LETtpyT</VersionDetail></FeatureVersion></Feature>
<Feature ID="5" FeatureTypeID="25"><FeatureVersion ID="6"><VersionLocation LocationID="186"/></FeatureVersion></Feature>
</Profile></DistinctParty></DistinctParties>
<SanctionsEntries><SanctionsEntry ID="1" ProfileID="36" ListID="1550"><EntryEvent ID="1" EntryEventTypeID="1"><Date><Year>2001</Year><Month>10</Month><Day>12</Day></Date></EntryEvent><SanctionsMeasure ID="1" SanctionsTypeID="1"><Comment>SDGT</Comment></SanctionsMeasure></SanctionsEntry></SanctionsEntries>
</Sanctions>
"#;

#[test]
fn ofac_advanced_xml_is_read_by_the_texts_of_its_reference_values() {
    let (list, report) = one("sdn_advanced.xml", ADVANCED).unwrap();
    assert_eq!((list.info.list.as_str(), day(list.info.as_of).as_str()), ("us-ofac-sdn", "2024-05-22"));
    let entry = &list.entries[0];
    assert_eq!((entry.id.as_str(), entry.kind, day(entry.listed_on).as_str()), ("36", EntryKind::Person, "2001-10-12"));
    let expected = [
        ("EXAMPLE Ali", NameKind::Primary, Quality::Unstated),
        ("علي", NameKind::OriginalScript, Quality::Unstated),
        ("ABU EXAMPLE", NameKind::Alias, Quality::Low),
    ];
    assert_eq!(names(entry), expected);
    assert_eq!((entry.births[0].from.unwrap().to_string().as_str(), entry.births[0].circa), ("1961", true));
    assert_eq!(
        (entry.wallets[0].asset.as_str(), entry.wallets[0].address.as_str()),
        ("XBT", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT")
    );
    assert_eq!((entry.programs[0].as_str(), entry.addresses[0].as_str()), ("SDGT", "Example City, Exampleland"));
    assert!(entry.has_identifier("a-1234567"));
    assert_eq!(report.total(), 0, "{:?}", report.defects);
}

#[test]
fn the_eu_xml_is_read_by_its_attributes() {
    let (list, report) = one("eu.xml", r#"<?xml version="1.0" encoding="UTF-8"?>
<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2024-05-22T10:00:00.000+02:00" globalFileId="1">
<sanctionEntity designationDetails="" unitedNationId="QDi.999" euReferenceNumber="EU.27.28" logicalId="13"><regulation programme="TAQA" numberTitle="881/2002" publicationDate="2002-05-29"/><subjectType code="person" classificationCode="P"/>
<nameAlias firstName="Ali" middleName="" lastName="Example" wholeName="Ali Example" strong="true"/><nameAlias wholeName="Abu Example" strong="false"/><nameAlias wholeName="علي" strong="true"/>
<citizenship countryDescription="EXAMPLELAND"/><birthdate circa="true" year="1961" city="Example City" countryDescription="UNKNOWN"/><birthdate circa="false" birthdate="1962-03-04" year="1962"/><birthdate circa="false" yearRangeFrom="1960" yearRangeTo="1965"/>
<identification number="A1234567" identificationTypeCode="passport" countryDescription="EXAMPLELAND"/><address street="1 Example Street" city="Example City" countryDescription="UNKNOWN"/><remark>A remark.</remark></sanctionEntity>
</export>
"#).unwrap();
    assert_eq!((list.info.list.as_str(), day(list.info.as_of).as_str()), ("eu-fsf", "2024-05-22"));
    let entry = &list.entries[0];
    assert_eq!((entry.id.as_str(), entry.kind), ("EU.27.28", EntryKind::Person));
    assert_eq!(entry.listed_on, None, "the date of a regulation is not that of the listing");
    assert_eq!(
        names(entry),
        [
            ("Ali Example", NameKind::Primary, Quality::Good),
            ("Abu Example", NameKind::Alias, Quality::Low),
            ("علي", NameKind::OriginalScript, Quality::Good)
        ]
    );
    let births: Vec<String> =
        entry.births.iter().map(|b| format!("{} {} {}", b.from.unwrap(), b.to.unwrap(), b.circa)).collect();
    assert_eq!(births, ["1961 1961 true", "1962-03-04 1962-03-04 false", "1960 1965 false"]);
    assert_eq!((entry.addresses[0].as_str(), entry.programs[0].as_str()), ("1 Example Street, Example City", "TAQA"));
    assert!(entry.has_identifier("A1234567") && entry.remarks.as_deref() == Some("A remark."));
    assert_eq!(report.total(), 0);
}

#[test]
fn the_uk_lists_are_read_in_their_three_forms() {
    let xml = r#"<?xml version="1.0" encoding="utf-8"?>
<Designations><DateGenerated>22/05/2024</DateGenerated><Designation><LastUpdated>05/01/2024</LastUpdated><DateDesignated>25/01/2001</DateDesignated><UniqueID>AQD0001</UniqueID><OFSIGroupID>6919</OFSIGroupID><Names><Name><Name1>Ali</Name1><Name6>EXAMPLE</Name6><NameType>Primary Name</NameType></Name><Name><Name6>ABU EXAMPLE</Name6><NameType>Alias</NameType><AliasStrength>Low quality a.k.a</AliasStrength></Name></Names><NonLatinNames><NonLatinName><NameNonLatinScript>علي</NameNonLatinScript></NonLatinName></NonLatinNames><RegimeName>ISIL</RegimeName><IndividualEntityShip>Individual</IndividualEntityShip><IndividualDetails><Individual><DOBs><DOB>dd/mm/1961</DOB></DOBs><Nationalities><Nationality>Exampleland</Nationality></Nationalities><PassportDetails><Passport><PassportNumber>A1234567</PassportNumber></Passport></PassportDetails></Individual></IndividualDetails></Designation></Designations>
"#;
    let csv = "Report Date: 22-May-2024\nLast Updated,Unique ID,OFSI Group ID,UN Reference Number,Name 6,Name 1,Name 2,Name 3,Name 4,Name 5,Name type,Alias strength,Title,Name non-latin script,Regime Name,Designation Type,Date Designated,D.O.B,Nationality(/ies),Passport number,Passport additional information\n05/01/2024,AQD0001,6919,,EXAMPLE,Ali,,,,,Primary Name,,,علي,ISIL,Individual,25/01/2001,dd/mm/1961,Exampleland,A1234567,\n05/01/2024,AQD0001,6919,,ABU EXAMPLE,,,,,,Alias,Low quality a.k.a,,,ISIL,Individual,25/01/2001,,,,\n";
    let ofsi = "Last Updated,22/05/2024\nName 6,Name 1,Name 2,Name 3,Name 4,Name 5,Title,Name Non-Latin Script,DOB,Nationality,Passport Number,Passport Details,Country,Group Type,Alias Type,Alias Quality,Regime,Listed On,Last Updated,Group ID\nEXAMPLE,Ali,,,,,,علي,00/00/1961,Exampleland,A1234567,,,Individual,Primary name,,ISIL,25/01/2001,05/01/2024,6919\nABU EXAMPLE,,,,,,,,,,,,,Individual,AKA,Low,ISIL,25/01/2001,05/01/2024,6919\n";
    for (file, text, list_id, id) in [
        ("l.xml", xml, "uk-sanctions", "AQD0001"),
        ("l.csv", csv, "uk-sanctions", "AQD0001"),
        ("ConList.csv", ofsi, "uk-ofsi", "6919"),
    ] {
        let (list, report) = one(file, text).unwrap();
        assert_eq!((list.info.list.as_str(), day(list.info.as_of).as_str()), (list_id, "2024-05-22"), "{file}");
        assert_eq!(list.entries.len(), 1, "{file}");
        let entry = &list.entries[0];
        assert_eq!(
            (entry.id.as_str(), entry.kind, day(entry.listed_on).as_str()),
            (id, EntryKind::Person, "2001-01-25")
        );
        let mut found = names(entry);
        found.sort();
        assert_eq!(
            found,
            [
                ("ABU EXAMPLE", NameKind::Alias, Quality::Low),
                ("Ali EXAMPLE", NameKind::Primary, Quality::Unstated),
                ("علي", NameKind::OriginalScript, Quality::Unstated)
            ],
            "{file}"
        );
        assert_eq!(
            (entry.births[0].from.unwrap().to_string().as_str(), day(entry.updated_on).as_str()),
            ("1961", "2024-01-05")
        );
        assert!(entry.has_identifier("A1234567") && entry.countries == ["Exampleland"], "{file}");
        assert_eq!(report.total(), 0, "{file}: {:?}", report.defects);
        assert!(one(file, text.trim_end_matches(['\n', '>'])).is_err(), "{file} cut off");
    }
}

#[test]
fn nbctf_tables_with_hebrew_headers_are_read() {
    let text = "מספר צו,כתובת ארנק,מטבע,שם,תאריך\nצ.ת 1/25,TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t,USDT,פלוני,03/02/2025\nצ.ת 1/25,104728783,,פלוני,03/02/2025\nצ.ת 2/25,-,,,\n";
    let (list, report) = one("orders.csv", text).unwrap();
    assert_eq!((list.info.list.as_str(), list.entries.len()), ("il-nbctf", 2));
    let entry = &list.entries[0];
    assert_eq!(
        (entry.wallets[0].asset.as_str(), entry.wallets[0].line, day(entry.listed_on).as_str()),
        ("USDT", 2, "2025-02-03")
    );
    assert_eq!((entry.identifiers[0].kind.as_str(), entry.identifiers[0].value.as_str()), ("account", "104728783"));
    assert_eq!((entry.names.len(), list.entries[1].listed_on), (1, None));
    assert_eq!((report.count(Kind::Form), report.total()), (1, 1));
}

#[test]
fn follow_the_money_entities_gather_what_belongs_to_them() {
    let text = concat!(
        r#"{"id":"w1","schema":"CryptoWallet","datasets":["x_list"],"properties":{"holder":["p1"],"publicKey":["1BoatSLRHtKNngkdXEeobR76b53LETtpyT"],"currency":["BTC"]}}"#,
        "\n",
        r#"{"id":"p1","caption":"Ali Example","schema":"Person","datasets":["x_list"],"properties":{"name":["Ali Example","علي"],"weakAlias":["Abu Example"],"birthDate":["1961"],"nationality":["xx"],"topics":["sanction"]}}"#,
        "\n",
        r#"{"id":"s1","schema":"Sanction","datasets":["x_list"],"properties":{"entity":["p1"],"listingDate":["2001-10-12"],"programId":["X"]}}"#,
        "\n",
        r#"{"id":"s2","schema":"Sanction","datasets":["x_list"],"properties":{"entity":["nobody"]}}"#,
        "\n",
    );
    let (list, report) = one("entities.ftm.json", text).unwrap();
    assert_eq!((list.info.list.as_str(), list.entries.len()), ("ftm-x-list", 1));
    let entry = &list.entries[0];
    assert_eq!(names(entry)[0], ("Ali Example", NameKind::Primary, Quality::Unstated));
    assert_eq!(
        (day(entry.listed_on).as_str(), entry.programs[0].as_str(), entry.wallets.len()),
        ("2001-10-12", "X", 1)
    );
    assert_eq!((report.count(Kind::Orphan), report.total()), (1, 1));
    let nested = concat!(
        r#"{"id":"p1","caption":"Ali Example","schema":"Person","properties":{"topics":["sanction"],"#,
        r#""familyPerson":[{"id":"f","schema":"Family","properties":{"relative":[{"id":"p2","caption":"Omar Example","schema":"Person"}]}}],"#,
        r#""cryptoWallets":[{"id":"w","schema":"CryptoWallet","properties":{"holder":["p1"],"publicKey":["1BoatSLRHtKNngkdXEeobR76b53LETtpyT"]}}]}}"#,
        "\n",
    );
    let (list, report) = one("targets.nested.json", nested).unwrap();
    assert_eq!((list.entries.len(), list.entries[0].wallets.len()), (1, 1), "a listed person's relative is not listed");
    assert_eq!(report.total(), 0, "{:?}", report.defects);
    let cut = &text[..text.len() - 20];
    assert!(one("entities.ftm.json", cut).unwrap_err().contains("line 4"));
    let error = one("entities.ftm.json", &text.replacen("\"schema\":\"Person\"", "\"schema\":Person", 1)).unwrap_err();
    assert!(error.contains("line 2, byte "), "{error}");
}

#[test]
fn plain_tables_are_read_and_their_odd_names_told() {
    let text = "id,name,alias,alias2,born\n1,Ali Example,Abu Example;A. E.,Aly,1961\n2,evil\u{202e}name,,,\n,No Reference,,,x\n1,nul\u{0}name,,,\n3,,,,\n";
    let folder = Folder::new(&[("Customers.csv", text)]);
    let (list, report) = read_names_csv(folder.path("Customers.csv"), &ReadOptions::default()).unwrap();
    assert_eq!(list.info.list, "names-customers");
    assert_eq!(
        names(&list.entries[0]).iter().map(|n| n.0).collect::<Vec<_>>(),
        ["Ali Example", "Abu Example", "A. E.", "Aly"]
    );
    assert_eq!(list.entries[1].names[0].text, "evil\u{202e}name", "kept as written");
    let kinds = [
        Kind::BidiCharacter,
        Kind::NoReference,
        Kind::Date,
        Kind::RepeatedReference,
        Kind::ControlCharacter,
        Kind::NoName,
    ];
    assert!(kinds.iter().all(|kind| report.count(*kind) == 1), "{:?}", report.defects);
    assert_eq!(report.total(), kinds.len() as u64);
    assert!(report.defects.iter().all(|d| !d.text.contains(['\u{202e}', '\u{0}'])), "shown escaped");
    assert_eq!(list.entries[3].id, "1#2");
}

#[test]
fn what_is_no_list_is_refused_in_words() {
    for (name, text, why) in [
        ("a.csv", "", "empty"),
        ("a.csv", "hello world\n", "hello world"),
        ("a.xml", "<html><body/></html>", "root element is `html`"),
        ("a.xml", "<!DOCTYPE x [<!ENTITY a \"b\">]><Sanctions>&a;</Sanctions>", "document type"),
        ("a.json", "[\"a\", 1]", "array of addresses"),
    ] {
        let error = one(name, text).unwrap_err();
        assert!(error.contains(why), "{text}: {error}");
    }
    let options = ReadOptions { encoding: Some("klingon".into()), ..ReadOptions::default() };
    let folder = Folder::new(&[("a.csv", "id,name\n1,A\n")]);
    assert!(read(folder.path("a.csv"), &options).unwrap_err().to_string().contains("klingon"));
}

#[test]
fn a_sparse_file_of_a_gigabyte_is_refused_at_once() {
    let folder = Folder::new(&[("a.xml", "<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><COMMENTS1>")]);
    let file = fs::OpenOptions::new().write(true).open(folder.path("a.xml")).unwrap();
    file.set_len(1 << 30).unwrap();
    let error = folder.read("a.xml").unwrap_err();
    assert!(error.contains("byte 55: the control character 0x00"), "{error}");
}
