from lib import *
import zipfile
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
S="select t.source_id,v.name,v.status,v.due_on,v.observed_at from task t join task_version v on v.task_id=t.id and v.until is null"
# old export inside a new zip
d=box('i_oldzip')
csv(d+'/new.csv',[H,['1','Việc A tỉnh','UBND tỉnh','Sở Tài chính','01/11/2026','30/11/2026','Đã hoàn thành']]); mt(d+'/new.csv','2026-11-20 08:00'); run(d,'import','new.csv',show=0)
csv(d+'/old.csv',[H,['1','Việc A tỉnh','UBND tỉnh','Sở Tài chính','01/11/2026','15/11/2026','Đang thực hiện']]); mt(d+'/old.csv','2026-11-05 08:00')
z=zipfile.ZipFile(d+'/old.zip','w'); z.write(d+'/old.csv','old.csv'); z.close()
run(d,'import','old.zip'); print(q(d,S))
# period title with mid-month data: title "tính đến"
d=box('i_title')
csv(d+'/t.csv',[['DANH SÁCH NHIỆM VỤ'],['Từ ngày 01/11/2026 đến ngày 30/11/2026'],H,['1','Việc A tỉnh','UBND tỉnh','Sở Tài chính','01/11/2026','15/11/2026','Đang thực hiện']]); mt(d+'/t.csv','2026-11-20 08:00'); run(d,'import','t.csv')
csv(d+'/t2.csv',[['DANH SÁCH NHIỆM VỤ'],['Hạn xử lý đến ngày 10/11/2026'],H,['1','Việc A tỉnh','UBND tỉnh','Sở Tài chính','01/11/2026','15/11/2026','Đã hoàn thành']]); mt(d+'/t2.csv','2026-11-22 08:00'); run(d,'import','t2.csv'); print(q(d,S))
# encodings
base=[H,['1','Đôn đốc thực hiện kế hoạch cải cách hành chính tỉnh','UBND tỉnh','Sở Tài chính','01/11/2026','15/11/2026','Đang thực hiện'],['2','Rà soát, bổ sung quy hoạch sử dụng đất','UBND tỉnh','Sở Y tế','01/11/2026','15/11/2026','Đã hoàn thành']]
import unicodedata
def cp1258(s): 
    out=b''
    for ch in unicodedata.normalize('NFC',s):
        try: out+=ch.encode('cp1258')
        except UnicodeEncodeError:
            for c in unicodedata.normalize('NFD',ch):
                try: out+=c.encode('cp1258')
                except UnicodeEncodeError: out+=b'?'
    return out
def cp1258b(s):
    # keep base vowel with circumflex/breve/horn, tone combining
    out=b''; T='\u0300\u0301\u0303\u0309\u0323'
    for ch in unicodedata.normalize('NFC',s):
        n=unicodedata.normalize('NFD',ch); tone=''.join(c for c in n if c in T); b=unicodedata.normalize('NFC',''.join(c for c in n if c not in T))
        out+=(b+tone).encode('cp1258')
    return out
txt='\n'.join(';'.join(r) for r in base)
encs={'u8':txt.encode(),'u8nfd':unicodedata.normalize('NFD',txt).encode(),'u16':txt.encode('utf-16'),'u16le_nobom':txt.encode('utf-16-le'),'cp1258':cp1258b(txt),
 'moji':txt.encode().decode('cp1252',errors='ignore').encode(),'moji2':txt.encode('utf-8').decode('latin-1').encode('utf-8'),'comma':txt.replace(', ',' ').replace(';',',').encode(),'tab':txt.replace(';','\t').encode(),'pipe':txt.replace(';','|').encode(),
 'q':''.join(c if ord(c)<256 else '?' for c in txt).encode('latin-1'),'sep':('sep=;\n'+txt).encode(),'nbsp':txt.replace(' ','\u00a0').encode(),'zw':txt.replace('t','t\u200b').encode()}
for k,v in encs.items():
    d=box('i_'+k); open(d+'/x.csv','wb').write(v); mt(d+'/x.csv','2026-11-20 08:00'); p=run(d,'import','x.csv',show=0)
    print('##',k,p.returncode,p.stdout[:60].replace('\n',' ') if not p.returncode else p.stdout[:900]); 
    try: print(q(d,S.replace('v.observed_at','v.lead,t.source_id')))
    except Exception as e: print(e)
